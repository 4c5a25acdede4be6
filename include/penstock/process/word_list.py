"""Lists in recipes: written there, or in a file of the lake or behind a URI."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from penstock.errors import RecipeError
from penstock.params import Params


class WordList(Params):
    """Entries, one a line in a file (UTF-8, compressed or not); blank lines and those that begin with # do not count.

    In a recipe a list of strings stands for ``words``, a string for ``uri``: a URI, an absolute path, or a path from
    the lake's root. With ``sha256`` (of the file, decompressed) a changed file is refused.
    """

    words: tuple[str, ...] = ()
    uri: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.words and self.uri is None:
            message = "expected words or a uri, got neither"
            raise ValueError(message)
        if self.sha256 is not None and self.uri is None:
            message = "expected a uri beside sha256, got none"
            raise ValueError(message)
        return self

    def entries(self, read: Callable[[str], bytes]) -> list[str]:
        """Return the entries, those of the recipe first.

        Raises:
            RecipeError: when the file is not there, is not UTF-8, holds nothing, or is not of this sha256.
        """
        return [*self.words, *(self._from_file(read) if self.uri is not None else ())]

    def _from_file(self, read: Callable[[str], bytes]) -> list[str]:
        content = read(str(self.uri))
        came = hashlib.sha256(content).hexdigest()
        if self.sha256 not in (None, came):
            message = f"list {self.uri}: expected sha256 {self.sha256}, got {came}; see what changed, mend the recipe"
            raise RecipeError(message)
        try:
            lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
        except UnicodeDecodeError as error:
            message = (
                f"list {self.uri}: expected UTF-8, got byte {content[error.start]:#04x} at {error.start}"
            )
            raise RecipeError(message) from error
        found = [line for line in lines if line and not line.startswith("#")]
        if not found:
            message = f"list {self.uri}: expected an entry a line, got none"
            raise RecipeError(message)
        return found


def _widen(value: object) -> object:
    if isinstance(value, str):
        return {"uri": value}
    return {"words": value} if isinstance(value, list | tuple) else value


Listed = Annotated[WordList, BeforeValidator(_widen)]
"""The type of a parameter that takes a list."""
