"""A decoder of JSON lines: one object a record."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from penstock.transfer.column import LONG_MAX, LONG_MIN, Column, ColumnType, Value, parser_of
from penstock.transfer.decoder import BadRecord, Decode, Decoder


class Jsonl(Decoder):
    """Take ``columns`` out of a JSON object; what else it has is kept as JSON text in the column ``extra``.

    A key that is missing or ``null`` is a missing value. Timestamps and dates are ISO 8601 strings.
    """

    kind: Literal["jsonl"] = "jsonl"
    columns: tuple[Column, ...] = Field(min_length=1)
    extra: str = "extra"

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [column.name for column in self.fields()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = (
                f"columns: expected each name once (extra included), got {', '.join(twice)} more than once"
            )
            raise ValueError(message)
        return self

    def fields(self) -> tuple[Column, ...]:
        """Return ``columns`` and the column of all other fields."""
        return (*self.columns, Column(name=self.extra))

    def reader(self, header: str | None) -> Decode:
        """Return the function that parses an object; a header says nothing about it."""
        names = {column.name for column in self.columns}

        def decode(text: str) -> Sequence[Value]:
            record = _object(text)
            values = [_value(record.get(column.name), column) for column in self.columns]
            rest = {name: value for name, value in record.items() if name not in names}
            values.append(_to_json(rest) if rest else None)
            return values

        return decode


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadRecord(reason="bad_json", detail=f"{type(error).__name__}: {error}"[:300]) from error
    if not isinstance(value, dict):
        raise BadRecord(reason="not_an_object", detail=f"expected a JSON object, got {type(value).__name__}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        message = f"key {next(name for name in names if names.count(name) > 1)!r} twice"
        raise ValueError(message)
    return found


def _refuse(name: str) -> Any:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _to_json(value: Any) -> str:
    return _checked(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRecord(
            reason="invalid_unicode", detail=f"half of a surrogate pair at character {error.start}"
        ) from error
    return text


def _value(value: Any, column: Column) -> Value:
    if value is None or (isinstance(value, str) and value in column.nulls):
        return None
    try:
        return _CONVERT[column.type](value)
    except (ValueError, TypeError, OverflowError) as error:
        detail = (
            f"column {column.name}: expected {column.type}, got {str(value)[:200]!r} ({type(value).__name__})"
        )
        raise BadRecord(reason="wrong_type", detail=detail) from error


def _of_type(*types: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) not in types:  # bool is an int for isinstance
            raise TypeError
        return value

    return check


def _double(value: Any) -> float:
    return float(_of_type(int, float)(value))


def _long(value: Any) -> int:
    number: int = _of_type(int)(value)
    if not LONG_MIN <= number <= LONG_MAX:
        raise ValueError
    return number


def _string(value: Any) -> str:
    return _checked(_of_type(str)(value))


_CONVERT: dict[ColumnType, Callable[[Any], Value]] = {
    "string": _string,
    "double": _double,
    "long": _long,
    "timestamp": lambda value: parser_of("timestamp")(_of_type(str)(value)),
    "date": lambda value: parser_of("date")(_of_type(str)(value)),
    "boolean": _of_type(bool),
    "binary": lambda value: parser_of("binary")(_of_type(str)(value)),
}
