"""Step ``python_syntax``: Python sources that do not parse leave."""

from __future__ import annotations

from typing import Literal

from penstock.process.quality.comment_share import parse_python
from penstock.process.step import Context, Document, DocumentStep, Drop


class PythonSyntax(DocumentStep):
    """Drop (``python_syntax``) what the parser of the running Python (3.11 to 3.13) refuses; Python 2 is refused too.

    ``language_column`` limits it to the documents whose column says ``python`` (in any case). A text of more than
    ``max_chars`` characters is not parsed and stays.
    """

    kind: Literal["python_syntax"] = "python_syntax"
    language_column: str | None = None
    max_chars: int = 1_000_000

    def reads(self) -> tuple[str, ...]:
        """Return the column of the language, if there is one."""
        return (self.language_column,) if self.language_column else ()

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Parse."""
        if self.language_column and str(document[self.language_column]).lower() != "python":
            return None
        if len(document.text) > self.max_chars or parse_python(document.text) is not None:
            return None
        return Drop("python_syntax")
