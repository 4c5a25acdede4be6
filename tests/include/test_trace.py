"""Where a document came from and what became of it."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ContractError
from penstock.manifest import Zone
from penstock.receipt import Verdict
from penstock.trace import AmbiguousDocumentError, Fate, UnknownDocumentError, any_dropped, trace


def id_of(number: int) -> str:
    return f"{number:06x}" + "0" * 26


def test_a_published_document_has_its_origin_every_stage_and_its_tables(flow: Any) -> None:
    flow.whole_day()
    asked: list[tuple[str, ...]] = []

    def count(*question: str) -> int:
        asked.append(question)
        return 1

    (day,) = trace(flow.lake, id_of(1), ledger=flow.ledger, count_in_table=count).days
    assert (day.fate, day.text, day.run_key) == (Fate.PUBLISHED, "two", "2026-11-16")
    assert (day.origin.origin_uri, day.origin.landing_file, day.origin.line) == (
        "https://notes.example/notes.txt",
        "notes.txt",
        2,
    )
    assert day.origin.provenance == {"etag": "abc"}
    assert [(p.stage.value, p.what) for p in day.passages] == [
        ("ingest", "landed"),
        ("transfer", "kept"),
        ("process", "kept"),
        ("validate", "kept"),
        ("store", "published"),
    ]
    assert {p.run_id for p in day.passages} == {"manual__2026-11-16"}
    assert [(t.table_name, t.snapshot_id, t.rows) for t in day.tables] == [("penstock.notes.notes", "42", 1)]
    assert asked == [("notes", "notes", "2026-11-16", id_of(1))]


def test_columns_that_only_machines_read_are_left_out(flow: Any) -> None:
    flow.whole_day()
    (day,) = trace(flow.lake, id_of(1)).days
    assert day.passages[2].values == {"lang": "en"}


def test_a_duplicate_names_the_step_and_the_document_that_is_kept(flow: Any) -> None:
    flow.whole_day()
    (day,) = trace(flow.lake, id_of(2), ledger=flow.ledger).days
    assert (day.fate, day.duplicate_of) == (Fate.DROPPED, id_of(0))
    assert day.reason == f"step exact_duplicates: exact_duplicate ({id_of(0)})"
    assert day.tables == ()


def test_a_dropped_document_has_the_value_that_was_measured(flow: Any) -> None:
    flow.ingest(["x"])
    flow.transfer(["x"])
    flow.process([], [flow.dropped_row(0, "x", "too_short", drop_step="length", drop_value=1.0)])
    (day,) = trace(flow.lake, id_of(0)).days
    assert day.reason == "step length: too_short, value 1.0"


def test_a_quarantined_document_names_the_promise(flow: Any) -> None:
    flow.whole_day()
    (day,) = trace(flow.lake, id_of(3), ledger=flow.ledger).days
    assert (day.fate, day.reason, day.text) == (Fate.QUARANTINED, "breaks the promise text is there", None)


def test_a_document_of_a_failed_gate_is_found_in_the_evidence(flow: Any) -> None:
    flow.ingest(["one", None])
    flow.transfer(["one", None])
    clean = [flow.clean_row(0, "one"), flow.clean_row(1, None)]
    flow.process(clean)
    with pytest.raises(ContractError, match="the gate said no"):
        flow.validate(
            clean[:1], [{**clean[1], "failed_expectations": ["text is there"]}], verdict=Verdict.FAIL
        )
    (broken,) = trace(flow.lake, id_of(1), ledger=flow.ledger).days
    assert (broken.fate, broken.passages[-1].what) == (Fate.QUARANTINED, "stopped at the gate")
    (other,) = trace(flow.lake, id_of(0), ledger=flow.ledger).days
    assert (other.fate, other.reason) == (Fate.IN_PROGRESS, "validate is failed: the gate said no")


def test_a_document_that_waits_says_for_which_stage(flow: Any) -> None:
    flow.ingest(["one"])
    flow.transfer(["one"])
    (day,) = trace(flow.lake, id_of(0), ledger=flow.ledger).days
    assert (day.fate, day.reason) == (Fate.IN_PROGRESS, "process has not run yet")


def test_rows_made_from_an_older_input_are_not_called_published(flow: Any) -> None:
    flow.whole_day()
    flow.ingest(["one", "two", "one", None, "new"])
    flow.transfer(["one", "two", "one", None, "new"])
    (day,) = trace(flow.lake, id_of(4), ledger=flow.ledger).days
    assert (day.fate, day.reason) == (Fate.IN_PROGRESS, "process has not run on the newest rows yet")


def test_a_document_that_a_stage_lost_is_called_lost(flow: Any) -> None:
    flow.ingest(["one", "two"])
    flow.transfer(["one", "two"])
    flow.process([flow.clean_row(0, "one")])
    (day,) = trace(flow.lake, id_of(1)).days
    assert day.fate is Fate.LOST


def test_a_document_that_comes_back_each_week_has_a_story_a_day_newest_first(flow: Any) -> None:
    flow.whole_day("2026-11-09")
    flow.whole_day("2026-11-16")
    found = trace(flow.lake, id_of(1), ledger=flow.ledger)
    assert [day.run_key for day in found.days] == ["2026-11-16", "2026-11-09"]
    (only,) = trace(flow.lake, id_of(1), run_key="2026-11-09", dataset="notes").days
    assert only.run_key == "2026-11-09"


@pytest.mark.parametrize("prefix", ["000001", "000001000", f"  {id_of(1).upper()} "])
def test_a_unique_beginning_is_enough(flow: Any, prefix: str) -> None:
    flow.whole_day()
    assert trace(flow.lake, prefix).doc_id == id_of(1)


def test_a_whole_id_that_begins_another_one_means_itself(flow: Any) -> None:
    flow.ingest(["one", "two"])
    flow.transfer(["one", "two"])
    ids = ["abcdef01", "abcdef0123"]
    flow.process([{**flow.clean_row(n, "one"), "doc_id": name} for n, name in enumerate(ids)])
    assert trace(flow.lake, "abcdef01").doc_id == "abcdef01"
    with pytest.raises(AmbiguousDocumentError, match="abcdef01, abcdef0123; give more characters"):
        trace(flow.lake, "abcdef")


@pytest.mark.parametrize("given", ["", "abc", "     "])
def test_a_beginning_that_is_too_short_is_refused(flow: Any, given: str) -> None:
    with pytest.raises(AmbiguousDocumentError, match="at least 6"):
        trace(flow.lake, given)


def test_an_unknown_id_says_what_was_searched_and_what_to_do(flow: Any) -> None:
    flow.whole_day()
    with pytest.raises(UnknownDocumentError, match=r"searched 1 runs of 1 datasets.*look at the id"):
        trace(flow.lake, "ffffff")


def test_an_empty_lake_has_no_document(flow: Any) -> None:
    with pytest.raises(UnknownDocumentError, match="no run at all"):
        trace(flow.lake, "ffffff")


def test_a_damaged_manifest_is_a_problem_and_the_rest_is_still_told(flow: Any) -> None:
    flow.whole_day()
    path = flow.lake.full(flow.lake.manifest_path(Zone.CHECKED, "notes", "2026-11-16"))
    flow.lake.fs.pipe_file(path, b"{}")
    found = trace(flow.lake, id_of(1), ledger=flow.ledger)
    assert found.days[0].text == "two"
    assert "delete that file" in found.problems[0]


def test_a_missing_and_a_garbled_shard_are_problems(flow: Any) -> None:
    flow.whole_day()
    raw = flow.lake.manifest(Zone.RAW, "notes", "2026-11-16").entries()[0]
    clean = flow.lake.manifest(Zone.CLEAN, "notes", "2026-11-16").entries()[0]
    flow.lake.remove(raw.path)
    flow.lake.fs.pipe_file(flow.lake.full(clean.path), b"not parquet")
    found = trace(flow.lake, id_of(2), ledger=flow.ledger)
    assert found.days[0].fate is Fate.DROPPED
    assert [problem.split(":")[0] for problem in found.problems] == [raw.path, clean.path]


def test_a_zero_byte_shard_holds_nothing(flow: Any) -> None:
    flow.whole_day()
    clean = flow.lake.manifest(Zone.CLEAN, "notes", "2026-11-16").entries()[0]
    flow.lake.fs.pipe_file(flow.lake.full(clean.path), b"")
    assert trace(flow.lake, id_of(2)).days[0].fate is Fate.DROPPED


def test_some_dropped_document_is_of_the_newest_day_that_has_one(
    flow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any_dropped(flow.lake) is None
    flow.whole_day("2026-11-09")
    flow.ingest(["x"], "2026-11-16")
    flow.transfer(["x"], "2026-11-16")
    flow.process([flow.clean_row(0, "x")], run_key="2026-11-16")
    assert any_dropped(flow.lake) == id_of(2)
    assert any_dropped(flow.lake, dataset="notes", run_key="2026-11-16") is None
    monkeypatch.setenv("PENSTOCK_LAKE", flow.lake.uri)
    assert any_dropped() == id_of(2)
