"""Step ``comment_share``: how much of a source file is comments."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import model_validator

from penstock.process.quality.bounded import BoundedStep
from penstock.process.quality.comments import comment_chars, is_known
from penstock.process.step import Context, Document, Drop

MIN_SHARE, MAX_SHARE = 0.01, 0.8
"""SantaCoder (arXiv:2301.03988, 4.2) and StarCoder: comments are 1 % to 80 % of a file."""


class CommentShare(BoundedStep):
    """Measure the characters of comments by all; below 1 % or above 80 % a file leaves (``comment_share``).

    ``language`` names the language of all documents, ``language_column`` a column that does (``python``, ``java``,
    ``c++``, in any case; `penstock.process.quality.comments` knows about 60). In Python, comments without their ``#``
    and docstrings are counted, as StarCoder's get_nl_ratio does; a file that does not parse has only the comments up
    to the fault. Elsewhere comments count with their signs and without the line feed, which StarCoder counts in some
    languages. An unknown language and an empty text have no number.
    """

    kind: Literal["comment_share"] = "comment_share"
    language: str | None = None
    language_column: str | None = None

    @model_validator(mode="after")
    def _check_language(self) -> Self:
        if (self.language is None) == (self.language_column is None):
            message = "expected either language or language_column, got both or neither"
            raise ValueError(message)
        if self.language is not None and not is_known(self.language):
            message = f"language: expected one whose comments are known, got {self.language!r}"
            raise ValueError(message)
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the column of the language, if it is one."""
        return (self.language_column,) if self.language_column else ()

    def published(self) -> tuple[float | None, float | None]:
        """Return StarCoder's limits."""
        return MIN_SHARE, MAX_SHARE

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Find the comments."""
        text = document.text
        language = self.language or document[str(self.language_column)]
        if not text or not isinstance(language, str) or not is_known(language):
            return self.judge(document, None, "comment_share")
        chars = _python_chars(text) if language.lower() == "python" else comment_chars(text, language)
        return self.judge(document, chars / len(text), "comment_share")


def _python_chars(text: str) -> int:
    comments = "".join(_python_comments(text)).replace("#", "")
    return len(f"{_docstrings(text)}\n{comments}".strip())


def _python_comments(text: str) -> Iterator[str]:
    """Yield the comments up to the end, or to the first fault."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def _docstrings(text: str) -> str:
    tree = parse_python(text)
    if tree is None:
        return ""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = (ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, owners))
    return "\n".join(docstring for docstring in found if docstring)


def parse_python(text: str) -> ast.Module | None:
    """Return the tree of a Python 3 source, ``None`` when it is none, or is nested deeper than the parser goes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
