"""Sample rows of the quarantine: few, short, plain text."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from tests.plugins.ui.ledger_fixture import HOSTILE

from penstock.lake import Lake
from penstock.ledger import views
from penstock.manifest import Zone
from penstock_airflow.ui import samples
from penstock_airflow.ui.sources import Sources


def test_shows_quarantined_rows_of_a_passed_and_of_a_failed_gate_as_short_text(client: TestClient) -> None:
    warned = client.get("/api/runs/opinion_text/2026-11-18/quarantine").json()
    assert [sample["reason"] for sample in warned] == ["UnicodeDecodeError", "word_count_is_sane"]
    failed = client.get("/api/runs/opinion_text/2026-11-20/quarantine").json()
    sample = next(item for item in failed if item["reason"] == "doc_id_is_unique")
    assert len(sample["rows"]) == 5
    texts = [row[sample["columns"].index("text")] for row in sample["rows"]]
    assert texts[2] == HOSTILE  # JSON text: the page shows it as text, never as markup
    assert len(texts[3]) == 281
    assert texts[3].endswith("…")
    assert "\x00" not in texts[4]
    assert sample["rows"][0][sample["columns"].index("score")] is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("中文 😐", "中文 😐"),
        (b"caf\xff", "caf\ufffd"),
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ({"line": 3, "名": None}, '{"line": 3, "名": null}'),
        ([1, 2], "[1, 2]"),
        ("x" * samples.TEXT_CHARS, "x" * samples.TEXT_CHARS),
        ("x" * 10**6, "x" * samples.TEXT_CHARS + "…"),
        (1.5, "1.5"),
    ],
)
def test_a_cell_is_short_printable_text(value: object, text: str | None) -> None:
    assert samples.shorten(value) == text


def test_a_run_without_quarantine_has_no_samples(sources: Sources) -> None:
    run = views.run(sources.ledger, "opinion_model", "2026-11-21")
    assert run is not None
    assert samples.quarantined(sources.lake, run) == []


def test_reads_a_row_of_several_reasons_under_each_and_one_without_under_quarantined(
    sources: Sources, tmp_path: object
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    run = views.run(sources.ledger, "opinion_text", "2026-11-20")
    assert run is not None
    lake = Lake(f"file://{tmp_path}/lake")
    failed = next(stage for stage in run.stages if stage.state == "failed")
    rows = [{"doc_id": "1", "failed_expectations": ["a", "b"]}, {"doc_id": "2", "failed_expectations": []}]
    attempt = lake.attempt(Zone.CHECKED, run.dataset, run.run_key, failed.attempt)
    with attempt.create("part-0.parquet", zone=Zone.QUARANTINE) as stream:
        parquet.write_table(pa.Table.from_pylist(rows), stream)
    found = {sample.reason: sample.rows for sample in samples.quarantined(lake, run)}
    assert found == {"a": (("1",),), "b": (("1",),), "quarantined": (("2",),)}
