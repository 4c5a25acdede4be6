"""The ``transfer`` section."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from penstock.transfer.lines import Lines
from penstock.transfer.section import TransferSection

RATED = {
    "kind": "delimited",
    "columns": [{"name": "id"}, {"name": "rating", "type": "double"}, {"name": "text"}],
}
LINES = {"kind": "lines"}


def section(**keys: Any) -> TransferSection:
    return TransferSection.model_validate(keys)


def test_without_any_key_lines_become_texts() -> None:
    assert TransferSection().decoder == Lines()
    assert [column.name for column in TransferSection().columns()] == ["text"]


def test_all_files_share_the_union_of_columns_in_the_order_of_first_mention() -> None:
    decoders = [
        {"files": "a*", "decoder": RATED, "constants": {"source": "a"}},
        {"files": "*", "decoder": LINES, "constants": {"source": "b", "label": "x"}},
    ]
    assert [(c.name, c.type) for c in section(decoders=decoders).columns()] == [
        ("source", "string"),
        ("id", "string"),
        ("rating", "double"),
        ("text", "string"),
        ("label", "string"),
    ]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"decoder": {"kind": "avro"}}, "avro"),
        ({"decoder": LINES, "decoders": [{"files": "*", "decoder": LINES}]}, "both given"),
        ({"decoders": [{"files": "*", "decoder": LINES, "constants": {"text": "x"}}]}, "also a column"),
        ({"decoders": [{"files": "*", "decoder": LINES, "constants": {"doc_id": "x"}}]}, "doc_id"),
        (
            {
                "decoders": [
                    {"files": "a", "decoder": RATED},
                    {"files": "b", "decoder": LINES, "constants": {"rating": "5"}},
                ]
            },
            "column rating: expected one type in all files, got double and string",
        ),
        ({"compression": "snappy", "compression_level": 3}, "compression_level of snappy: expected none"),
        ({"compression": "gzip", "compression_level": 10}, "expected 1 to 9, got 10"),
        ({"encoding": "utf-16"}, "a line feed is one byte"),
        ({"encoding": "klingon"}, "a line feed is one byte"),
        ({"decoders": [{"files": "*", "decoder": LINES, "encoding": "utf-32"}]}, "a line feed is one byte"),
        ({"shard_rows": 0}, "shard_rows"),
        ({"on_bad_record": "ignore"}, "on_bad_record"),
    ],
)
def test_refuses_what_clashes(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        section(**keys)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "latin-1", "gb18030", "cp1252", "big5"])
def test_takes_codecs_in_which_lines_can_be_found(encoding: str) -> None:
    assert section(encoding=encoding).encoding == encoding
