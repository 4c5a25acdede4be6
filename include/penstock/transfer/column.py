"""Columns of decoded records: their names, their types, and how a text becomes a value."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from penstock.params import Params

if TYPE_CHECKING:
    import pyarrow as pa

Value = str | float | int | bool | date | datetime | bytes | None
ColumnType = Literal["string", "double", "long", "timestamp", "date", "boolean", "binary"]

RESERVED = ("doc_id", "run_key", "provenance")
LONG_MIN, LONG_MAX = -(1 << 63), (1 << 63) - 1
_DOUBLE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf|nan", re.ASCII | re.IGNORECASE)
_LONG = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


class Column(Params):
    """One column of a record.

    ``null_values`` are the texts that mean a missing value; by default the empty text does, but for strings.
    Timestamps are ISO 8601, stored in UTC; one without a zone is taken as UTC. Dates are ISO 8601. Binary values are
    base64 in text formats.
    """

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)
    type: ColumnType = "string"
    null_values: tuple[str, ...] | None = None

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if name.lower() in RESERVED:
            message = (
                f"expected a column name other than {', '.join(RESERVED)} (transfer adds those), got {name!r}"
            )
            raise ValueError(message)
        return name

    @property
    def nulls(self) -> frozenset[str]:
        """The texts that mean a missing value."""
        if self.null_values is None:
            return frozenset() if self.type == "string" else frozenset({""})
        return frozenset(self.null_values)


def arrow_type(name: ColumnType) -> pa.DataType:
    """Return the Arrow type of a column type; timestamps are microseconds in UTC."""
    import pyarrow as pa

    return {
        "string": pa.string(),
        "double": pa.float64(),
        "long": pa.int64(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "binary": pa.binary(),
    }[name]


def parser_of(name: ColumnType) -> Callable[[str], Value]:
    """Return the function that makes a value of a text, or raises `ValueError`."""
    return _PARSERS[name]


def _string(text: str) -> str:
    return text


def _double(text: str) -> float:
    if _DOUBLE.fullmatch(text) is None:
        raise ValueError(text)
    return float(text)


def _long(text: str) -> int:
    if _LONG.fullmatch(text) is None or not LONG_MIN <= int(text) <= LONG_MAX:
        raise ValueError(text)
    return int(text)


def _timestamp(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:  # the first and the last day that Python knows, in another zone
        raise ValueError(text) from error


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def _binary(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_PARSERS: dict[ColumnType, Callable[[str], Value]] = {
    "string": _string,
    "double": _double,
    "long": _long,
    "timestamp": _timestamp,
    "date": _date,
    "boolean": _boolean,
    "binary": _binary,
}
