"""One record on its way through a pass: the columns that steps read and set, its text, and the text's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from penstock.process import tokenizer

Value = object
LANGUAGE_COLUMN = "lang"


class Drop(NamedTuple):
    """Why a step lets a document leave the flow.

    ``value`` is the number that was measured (its unit is the step's), ``detail`` a word about it, for example the
    ``doc_id`` of the document that is kept instead.
    """

    reason: str
    value: float | None = None
    detail: str | None = None


class Document:
    """The values of one record that the steps of a pass declared to read or to add.

    ``text`` is the text column, ``""`` where it is null. ``tokens`` are its words (`penstock.process.tokenizer`): they
    are found when a step first asks, and shared by all steps until the text or its language changes.
    """

    __slots__ = ("_max_chars", "_text_column", "_tokens", "_values")

    def __init__(
        self,
        values: Mapping[str, Value],
        *,
        text_column: str = "text",
        max_token_chars: int = tokenizer.MAX_CHARS,
    ) -> None:
        self._values = dict(values)
        self._text_column, self._max_chars = text_column, max_token_chars
        self._tokens: tuple[str, ...] | None = None

    def __getitem__(self, column: str) -> Value:
        """Return a value; a column that no step of the pass declared is refused."""
        try:
            return self._values[column]
        except KeyError:
            message = (
                f"expected one of the columns that the steps declare ({', '.join(sorted(self._values))}), got "
                f"{column!r}; name it in the step's reads() or adds()"
            )
            raise KeyError(message) from None

    def __setitem__(self, column: str, value: Value) -> None:
        """Set a column that the step declared to add."""
        if column in (self._text_column, LANGUAGE_COLUMN) and self._values.get(column) != value:
            self._tokens = None
        self._values[column] = value

    @property
    def text(self) -> str:
        """The text as the steps before left it."""
        value = self._values.get(self._text_column)
        return value if isinstance(value, str) else ""

    @text.setter
    def text(self, text: str) -> None:
        self[self._text_column] = text

    @property
    def language(self) -> str | None:
        """The ISO 639 code that the step ``language`` found, if it ran."""
        value = self._values.get(LANGUAGE_COLUMN)
        return value if isinstance(value, str) else None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The words of the text, as written; of a very long text, those of its first part."""
        if self._tokens is None:
            self._tokens = tokenizer.tokenize(self.text[: self._max_chars], self.language)
        return self._tokens
