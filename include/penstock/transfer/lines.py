"""A decoder of plain text: each record is one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from penstock.transfer.column import Column, Value
from penstock.transfer.decoder import Decode, Decoder


class Lines(Decoder):
    """Put the whole record into the string column ``column``."""

    kind: Literal["lines"] = "lines"
    column: str = "text"

    def fields(self) -> tuple[Column, ...]:
        """Return the one column."""
        return (Column(name=self.column),)

    def reader(self, header: str | None) -> Decode:
        """Return the record as it is; a header says nothing about it."""
        return _whole


def _whole(text: str) -> Sequence[Value]:
    return (text,)
