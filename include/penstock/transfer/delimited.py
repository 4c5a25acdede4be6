"""A decoder of delimited text: CSV, TSV and their kin."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from penstock.errors import ContractError
from penstock.transfer.column import Column, Value, parser_of
from penstock.transfer.decoder import BadRecord, Decode, Decoder

Split = Callable[[str], list[str]]
Reader = tuple[int, Column, frozenset[str], Callable[[str], Value]]


class Delimited(Decoder):
    """Split a record at ``delimiter`` and give each field the type of its column.

    Without a header line (``ingest.header``) fields are taken by position; with one by name, in any order, and a file
    with a column that is neither in ``columns`` nor in ``skip_columns`` is refused. ``quoting: csv`` means fields in
    double quotes as in RFC 4180, ``none`` that a quote is a character like any other.
    """

    kind: Literal["delimited"] = "delimited"
    columns: tuple[Column, ...] = Field(min_length=1)
    delimiter: str = Field(default=",", min_length=1)
    quoting: Literal["none", "csv"] = "none"
    skip_columns: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"columns: expected each name once, got {', '.join(twice)} more than once"
            raise ValueError(message)
        if self.quoting == "csv" and len(self.delimiter) != 1:
            message = f"delimiter: expected one character with quoting: csv, got {self.delimiter!r}"
            raise ValueError(message)
        return self

    def fields(self) -> tuple[Column, ...]:
        """Return ``columns``."""
        return self.columns

    def reader(self, header: str | None) -> Decode:
        """Return the function that splits a record and converts its fields."""
        split = _splitter(self.delimiter, self.quoting)
        names = split(header) if header is not None else [column.name for column in self.columns]
        self._check_header(names)
        readers = [
            (names.index(column.name), column, column.nulls, parser_of(column.type))
            for column in self.columns
        ]
        width = len(names)

        def decode(text: str) -> Sequence[Value]:
            fields = split(text)
            if len(fields) != width:
                raise BadRecord(
                    reason="wrong_field_count", detail=f"expected {width} fields, got {len(fields)}"
                )
            return [_value(fields[place], column, nulls, parse) for place, column, nulls, parse in readers]

        return decode

    def _check_header(self, names: list[str]) -> None:
        wanted = {column.name for column in self.columns}
        missing = sorted(wanted - set(names))
        unknown = sorted(set(names) - wanted - set(self.skip_columns))
        problem = f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
        if missing or unknown or len(set(names)) != len(names):
            message = (
                f"delimited: expected a header with each of {', '.join(sorted(wanted))} once, got "
                f"{', '.join(names)} ({problem}); correct columns or skip_columns in the recipe, or the file"
            )
            raise ContractError(message, failed={"wrong_header": 1})


def _splitter(delimiter: str, quoting: str) -> Split:
    if quoting == "none":
        return lambda text: text.split(delimiter)
    csv.field_size_limit((1 << 31) - 1)  # the default of 128 KB is less than one long document

    def split(text: str) -> list[str]:
        if '"' not in text:
            return text.split(delimiter)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise BadRecord(reason="bad_quotes", detail=str(error)) from error
        if len(rows) != 1:
            raise BadRecord(reason="bad_quotes", detail=f"expected one row, got {len(rows)}")
        return rows[0]

    return split


def _value(text: str, column: Column, nulls: frozenset[str], parse: Callable[[str], Value]) -> Value:
    if text in nulls:
        return None
    try:
        return parse(text)
    except ValueError as error:
        detail = f"column {column.name}: expected {column.type}, got {text[:200]!r}"
        raise BadRecord(reason="wrong_type", detail=detail) from error
