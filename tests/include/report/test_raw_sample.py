"""A few raw rows, the same for the same seed, without reading a large day whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from penstock.lake import Lake
from penstock.manifest import Zone
from penstock.report import raw_sample
from penstock.report.raw_sample import sample_raw


@pytest.fixture
def day(flow: Any) -> Lake:
    texts: Sequence[str] = [f"text {n}" for n in range(50)]
    flow.ingest(texts)
    flow.transfer(texts)
    return flow.lake


def test_the_sample_is_the_seeds(day: Lake):
    manifest = day.manifest(Zone.RAW, "notes", "2026-11-16")
    first, second, other = (sample_raw(day, manifest, 10, seed=seed) for seed in (0, 0, 1))
    assert first.rows.equals(second.rows)
    assert not first.rows.equals(other.rows)
    assert (first.rows.num_rows, first.rows_of_day, first.rows_seen) == (10, 50, 50)


def test_a_small_day_is_taken_whole(day: Lake):
    assert sample_raw(day, day.manifest(Zone.RAW, "notes", "2026-11-16"), 1000).rows.num_rows == 50


def test_an_empty_day_has_columns_and_no_rows(flow: Any):
    flow.ingest([])
    flow.transfer([])
    found = sample_raw(flow.lake, flow.lake.manifest(Zone.RAW, "notes", "2026-11-16"), 10)
    assert found.rows.num_rows == 0
    assert "text" in found.rows.column_names


def test_of_a_large_day_only_some_row_groups_are_read(monkeypatch: pytest.MonkeyPatch, lake: Lake, flow: Any):
    from pyarrow import parquet

    attempt = lake.attempt(Zone.RAW, "notes", "2026-11-16", "a")
    table = pa.table({"doc_id": [f"{n:032x}" for n in range(1000)], "text": ["x"] * 1000})
    with attempt.create("part.parquet", rows=1000) as file:
        parquet.write_table(table, file, row_group_size=10)
    texts = ["x"]
    flow.ingest(texts)
    flow.transfer(texts)
    manifest = lake.manifest(Zone.RAW, "notes", "2026-11-16").model_copy(
        update={"files": tuple(attempt.files)}
    )
    monkeypatch.setattr(raw_sample, "LOOK_AT", 4)
    found = sample_raw(lake, manifest, 10)
    assert (found.rows.num_rows, found.rows_seen) == (10, 40)
