"""Plain text, a record a value."""

from __future__ import annotations

import pytest

from penstock.transfer.lines import Lines


@pytest.mark.parametrize("text", ["", "a\tb", '"', "好", "x" * 1_000_000, "\x00"])
def test_the_record_is_the_value(text: str) -> None:
    assert list(Lines().reader(None)(text)) == [text]


def test_its_column_has_a_name() -> None:
    assert [column.name for column in Lines(column="body").fields()] == ["body"]
