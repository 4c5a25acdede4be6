"""JSON lines."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.transfer.column import Value
from penstock.transfer.decoder import BadRecord
from penstock.transfer.jsonl import Jsonl

TYPES = ("string", "double", "long", "timestamp", "date", "boolean")
DECODER = Jsonl.model_validate({"columns": [{"name": kind, "type": kind} for kind in TYPES]})


def decode(text: str) -> dict[str, Value]:
    names = [column.name for column in DECODER.fields()]
    return dict(zip(names, DECODER.reader(None)(text), strict=True))


def test_takes_each_type() -> None:
    record = {
        "string": "好\x00",
        "double": 1,
        "long": -5,
        "timestamp": "2026-11-16T01:00:00+01:00",
        "date": "2026-11-16",
        "boolean": False,
    }
    assert decode(json.dumps(record)) == {
        "string": "好\x00",
        "double": 1.0,
        "long": -5,
        "timestamp": datetime(2026, 11, 16, tzinfo=UTC),
        "date": date(2026, 11, 16),
        "boolean": False,
        "extra": None,
    }


def test_what_is_missing_or_null_is_missing() -> None:
    assert set(decode('{"string": null}').values()) == {None}


def test_keeps_all_other_fields_as_json() -> None:
    assert decode('{"z": [1, {"b": "好"}], "long": 1, "a": null}')["extra"] == '{"a":null,"z":[1,{"b":"好"}]}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "bad_json"),
        ("{", "bad_json"),
        ('{"long": 1} x', "bad_json"),
        ('{"long": 1, "long": 2}', "bad_json"),
        ('{"double": NaN}', "bad_json"),
        ('{"double": Infinity}', "bad_json"),
        ('{"a":' * 20_000, "bad_json"),
        ('{"long": ' + "9" * 5000 + "}", "bad_json"),
        ("[1]", "not_an_object"),
        ("null", "not_an_object"),
        ('"text"', "not_an_object"),
        ('{"long": 1.5}', "wrong_type"),
        ('{"long": true}', "wrong_type"),
        ('{"long": "1"}', "wrong_type"),
        ('{"long": 9223372036854775808}', "wrong_type"),
        ('{"double": "1"}', "wrong_type"),
        ('{"double": 1' + "0" * 400 + "}", "wrong_type"),
        ('{"string": 1}', "wrong_type"),
        ('{"string": {"a": 1}}', "wrong_type"),
        ('{"boolean": 1}', "wrong_type"),
        ('{"date": "soon"}', "wrong_type"),
        ('{"timestamp": 1700000000}', "wrong_type"),
        ('{"string": "\\ud800"}', "invalid_unicode"),
        ('{"other": "\\ud800"}', "invalid_unicode"),
    ],
)
def test_says_why_a_record_is_none(text: str, reason: str) -> None:
    with pytest.raises(BadRecord) as caught:
        decode(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize("keys", [{"columns": []}, {"columns": [{"name": "extra"}]}])
def test_refuses_columns_that_clash(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Jsonl.model_validate(keys)
