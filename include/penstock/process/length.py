"""Step ``length``: bounds on the number of characters."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from penstock.process.step import Context, Document, DocumentStep, Drop


class Length(DocumentStep):
    """Drop texts of fewer than ``min_chars`` (``too_short``) or more than ``max_chars`` characters (``too_long``).

    The defaults keep everything. Placed first, ``max_chars`` also bounds the time that a huge document can take.
    """

    kind: Literal["length"] = "length"
    min_chars: int = Field(default=0, ge=0)
    max_chars: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.max_chars is not None and self.max_chars < self.min_chars:
            message = f"max_chars must be at least min_chars ({self.min_chars}), got {self.max_chars}"
            raise ValueError(message)
        return self

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Measure the text."""
        chars = len(document.text)
        if chars < self.min_chars:
            return Drop("too_short", chars)
        if self.max_chars is not None and chars > self.max_chars:
            return Drop("too_long", chars)
        return None
