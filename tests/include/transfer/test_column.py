"""Texts become values, or are refused."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from pydantic import ValidationError

from penstock.transfer.column import Column, ColumnType, Value, arrow_type, parser_of


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("string", " a ", " a "),
        ("string", "", ""),
        ("double", "1.5", 1.5),
        ("double", "-.5e3", -500.0),
        ("double", "7", 7.0),
        ("double", "-INF", -math.inf),
        ("long", "+42", 42),
        ("long", "-9223372036854775808", -(2**63)),
        ("timestamp", "2013-01-01T06:00:00Z", datetime(2013, 1, 1, 6, tzinfo=UTC)),
        ("timestamp", "2013-01-01 06:00:00+05:00", datetime(2013, 1, 1, 1, tzinfo=UTC)),
        ("timestamp", "2013-01-01T06:00", datetime(2013, 1, 1, 6, tzinfo=UTC)),
        ("date", "2013-01-31", date(2013, 1, 31)),
        ("boolean", "TRUE", True),
        ("boolean", "0", False),
    ],
)
def test_makes_a_value_that_arrow_takes(kind: ColumnType, text: str, expected: Value) -> None:
    value = parser_of(kind)(text)
    assert value == expected
    assert pa.array([value, None], arrow_type(kind)).to_pylist() == [expected, None]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("double", ""),
        ("double", "1_0"),
        ("double", " 1"),
        ("double", "１"),
        ("double", "0x1p3"),
        ("double", "1,5"),
        ("double", "1\n"),
        ("long", "1.0"),
        ("long", "9223372036854775808"),
        ("long", "9" * 5000),
        ("long", "1_000"),
        ("long", "٣"),
        ("timestamp", "yesterday"),
        ("timestamp", "0001-01-01T00:00:00+23:00"),
        ("timestamp", ""),
        ("date", "2013-02-30"),
        ("date", "2013-01-01T00:00:00"),
        ("boolean", "yes"),
        ("boolean", ""),
    ],
)
def test_refuses_what_is_none(kind: ColumnType, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - every kind of ValueError means the same here
        parser_of(kind)(text)


def test_an_empty_text_is_missing_but_for_strings() -> None:
    assert Column(name="a", type="long").nulls == {""}
    assert Column(name="a").nulls == frozenset()
    assert Column(name="a", type="double", null_values=("NA",)).nulls == {"NA"}


@pytest.mark.parametrize("name", ["", "1a", "a b", "doc_id", "Run_Key", "provenance", "a.b"])
def test_refuses_a_name_that_a_table_cannot_have(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Column(name=name)
