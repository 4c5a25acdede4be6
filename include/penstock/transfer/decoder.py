"""The interface of a decoder: how one record of a landing file becomes values.

A decoder is found by its ``kind``. To add one, write a module here with one class (or register the module under the
entry point group ``penstock.decoders``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from penstock.params import Params
from penstock.transfer.column import Column, Value

Decode = Callable[[str], Sequence[Value]]


class BadRecord(Exception):  # noqa: N818 - a verdict on one record, caught where records are read
    """One record that cannot be decoded: ``reason`` is counted, ``detail`` is kept beside the record."""

    def __init__(self, *, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Decoder(Params):
    """Base of all decoders; a member has a ``kind``, `fields` and `reader`."""

    def fields(self) -> tuple[Column, ...]:
        """Return the columns that a record becomes, in their order."""
        raise NotImplementedError

    def reader(self, header: str | None) -> Decode:
        """Return the function that makes a record's values of its text (without its line end).

        ``header`` is the file's first line when the recipe says ``ingest.header: true``. The function raises
        `BadRecord` for a text that is not a record.

        Raises:
            ContractError: the header is not of the promised columns.
        """
        raise NotImplementedError
