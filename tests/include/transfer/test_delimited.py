"""CSV, TSV and their kin."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from penstock.errors import ContractError
from penstock.transfer.column import Value
from penstock.transfer.decoder import BadRecord
from penstock.transfer.delimited import Delimited

COLUMNS = [{"name": "a"}, {"name": "n", "type": "long"}]


def decode(text: str, header: str | None = None, **keys: Any) -> list[Value]:
    decoder = Delimited.model_validate({"columns": COLUMNS, **keys})
    return list(decoder.reader(header)(text))


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        ("x,1", {}, ["x", 1]),
        (",", {}, ["", None]),
        ('"x",1', {}, ['"x"', 1]),
        ('"x,y",1', {"quoting": "csv"}, ["x,y", 1]),
        ('"say ""hi""\nthere",1', {"quoting": "csv"}, ['say "hi"\nthere', 1]),
        ("x\t1", {"delimiter": "\t"}, ["x", 1]),
        ("x||1", {"delimiter": "||"}, ["x", 1]),
        ("x\x00y,1", {}, ["x\x00y", 1]),
        ("x\x00y,1", {"quoting": "csv"}, ["x\x00y", 1]),
        ('"' + "x" * 300_000 + '",1', {"quoting": "csv"}, ["x" * 300_000, 1]),
    ],
)
def test_splits_and_converts(text: str, keys: dict[str, Any], expected: list[Value]) -> None:
    assert decode(text, **keys) == expected


@pytest.mark.parametrize(
    ("text", "keys", "reason"),
    [
        ("x", {}, "wrong_field_count"),
        ("x,1,2", {}, "wrong_field_count"),
        ("", {}, "wrong_field_count"),
        ("x,one", {}, "wrong_type"),
        ("x,1.0", {}, "wrong_type"),
        ('"x,1', {"quoting": "csv"}, "bad_quotes"),
        ('"x"y,1', {"quoting": "csv"}, "bad_quotes"),
        ('"x",1\n"y",2', {"quoting": "csv"}, "bad_quotes"),
    ],
)
def test_says_why_a_record_is_none(text: str, keys: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecord) as caught:
        decode(text, **keys)
    assert caught.value.reason == reason


def test_the_detail_names_column_type_and_value() -> None:
    with pytest.raises(BadRecord, match="column n: expected long, got 'one'"):
        decode("x,one")


def test_null_values_are_of_a_column() -> None:
    columns = [{"name": "a", "null_values": ["NA"]}, {"name": "n", "type": "long"}]
    assert decode("NA,1", columns=columns) == [None, 1]
    with pytest.raises(BadRecord):
        decode("x,NA", columns=columns)


def test_with_a_header_columns_are_found_by_name() -> None:
    assert decode("9,skipped,x", "n,other,a", skip_columns=["other"]) == ["x", 9]


@pytest.mark.parametrize("header", ["a", "a,n,new", "n,b", "", "a,n,n"])
def test_another_header_is_refused_with_what_differs(header: str) -> None:
    with pytest.raises(ContractError, match="expected a header with each of a, n once, got"):
        decode("x,1", header)


@pytest.mark.parametrize(
    "keys",
    [{"columns": []}, {"columns": COLUMNS * 2}, {"delimiter": ""}, {"delimiter": "||", "quoting": "csv"}],
)
def test_refuses_settings_that_clash(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Delimited.model_validate({"columns": COLUMNS, **keys})
