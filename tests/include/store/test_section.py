"""The store section: tables, columns, formats."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.errors import RecipeError
from penstock.recipe import parse
from penstock.store.formats.files import OrcFormat, ParquetFormat
from penstock.store.formats.iceberg import IcebergFormat
from penstock.store.section import StoreSection, TableSpec


def test_a_section_without_keys_is_one_iceberg_table_of_the_dataset_s_name():
    section = StoreSection()
    assert section.format == IcebergFormat(codec="zstd")
    assert section.tables_of("notes") == (TableSpec(name="notes"),)


@pytest.mark.parametrize(
    ("written", "format_"),
    [
        ({"kind": "iceberg"}, IcebergFormat()),
        ({"kind": "parquet", "codec": "gzip"}, ParquetFormat(codec="gzip")),
        ({"kind": "orc", "codec": "snappy"}, OrcFormat(codec="snappy")),
    ],
)
def test_a_format_is_chosen_by_its_kind(written, format_):
    assert StoreSection.model_validate({"format": written}).format == format_


def test_the_codec_and_the_kind_are_inputs_of_the_rows_fingerprint():
    inputs = [
        StoreSection.model_validate({"format": {"kind": kind, "codec": codec}}).inputs()
        for kind in ("iceberg", "parquet", "orc")
        for codec in ("zstd", "gzip", "snappy")
    ]
    assert len({str(item) for item in inputs}) == 9


@pytest.mark.parametrize(
    "garbage",
    [
        {"tables": [{"name": "a"}, {"name": "a"}]},
        {"tables": [{"name": "a", "columns": ["x", "x"]}]},
        {"tables": [{"name": "a", "columns": ["day"]}]},
        {"tables": [{"name": "A-b"}]},
        {"tables": [{}]},
        {"namespace": "x; DROP TABLE y"},
        {"format": {"kind": "iceberg", "codec": "zip"}},
        {"format": None},
    ],
)
def test_what_makes_no_table_is_refused(garbage):
    with pytest.raises(ValidationError):
        StoreSection.model_validate(garbage)


def test_a_misspelt_format_is_answered_with_the_nearest():
    text = (
        "dataset: d\nstart: 2026-01-01\ningest: {source: {kind: folder, path: x}}\n"
        "store:\n  format: {kind: icebreg}\n"
    )
    with pytest.raises(RecipeError, match="did you mean iceberg"):
        parse(text, where="d.yaml")
