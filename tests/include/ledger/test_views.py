"""What the page and the command line read of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from penstock.ledger import Ledger, views
from penstock.receipt import Receipt, Stage, Verdict

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def finish(ledger: Ledger, dataset: str, run_key: str, stage: Stage, attempt: str, **changes: Any) -> None:
    ledger.start(dataset=dataset, run_key=run_key, stage=stage, attempt=attempt)
    values: dict[str, Any] = {
        "manifest_uri": "m",
        "manifest_sha256": "a",
        "fingerprint": "f",
        "bytes_out": 10,
    }
    values |= {"recipe_hash": "r", "code_version": "v", "started_at": NOW, "finished_at": NOW, "seconds": 1.0}
    values |= {
        "rows_in": 10,
        "rows_out": 8,
        "dropped": {"too_short": 2},
        "notes": ("a note",),
        "bytes_in": 99,
    }
    ledger.finish(
        Receipt(
            **{
                **values,
                "dataset": dataset,
                "run_key": run_key,
                "stage": stage,
                "attempt": attempt,
                **changes,
            }
        )
    )


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Two datasets; `b` failed once on the 17th, then went through."""
    for day in ("2026-11-16", "2026-11-17"):
        for stage in Stage:
            finish(
                ledger,
                "a",
                day,
                stage,
                f"a-{day}-{stage}",
                verdict=Verdict.PASS if stage == "validate" else None,
            )
    finish(ledger, "b", "2026-11-18", Stage.INGEST, "b-18")
    ledger.start(dataset="b", run_key="2026-11-17", stage=Stage.INGEST, attempt="b-17-1")
    ledger.fail(attempt="b-17-1", error=OSError("the source fell silent"))
    finish(ledger, "b", "2026-11-17", Stage.INGEST, "b-17-2")
    return ledger


def test_an_empty_ledger_has_nothing_and_does_not_fail(ledger: Ledger) -> None:
    assert views.datasets(ledger) == []
    assert views.days(ledger) == []
    assert views.days(ledger, datasets=[]) == []
    assert views.grid(ledger, run_keys=[]) == []
    assert views.grid(ledger, run_keys=["2026-11-16"]) == []
    assert views.run(ledger, "a", "2026-11-16") is None
    assert views.recent(ledger) == []
    assert views.counts(ledger) == []
    assert views.verdicts(ledger) == []


def test_lists_each_dataset_once_by_name(filled: Ledger) -> None:
    assert views.datasets(filled) == ["a", "b"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["2026-11-18", "2026-11-17", "2026-11-16"]),
        ({"limit": 1}, ["2026-11-18"]),
        ({"since": "2026-11-17"}, ["2026-11-18", "2026-11-17"]),
        ({"until": "2026-11-17", "limit": 1}, ["2026-11-17"]),
        ({"datasets": ["a"]}, ["2026-11-17", "2026-11-16"]),
        ({"datasets": ["a", "b"], "limit": 2}, ["2026-11-18", "2026-11-17"]),
        ({"datasets": ["nobody"]}, []),
        ({"since": "2027-01-01"}, []),
    ],
)
def test_days_are_the_newest_that_have_runs(
    filled: Ledger, asked: dict[str, Any], expected: list[str]
) -> None:
    assert views.days(filled, **asked) == expected


def test_a_cell_shows_the_newest_attempt_of_each_stage_in_order(filled: Ledger) -> None:
    cells = {(cell.dataset, cell.run_key): cell for cell in views.grid(filled, run_keys=["2026-11-17"])}
    assert set(cells) == {("a", "2026-11-17"), ("b", "2026-11-17")}
    assert [run.stage for run in cells["a", "2026-11-17"].stages] == list(Stage)
    [ingest] = cells["b", "2026-11-17"].stages
    assert (ingest.attempt, ingest.attempts, ingest.state) == ("b-17-2", 2, "success")


def test_a_run_whose_process_is_gone_reads_killed_before_anyone_records_it(ledger: Ledger) -> None:
    ledger.start(
        dataset="a", run_key="2026-11-16", stage=Stage.INGEST, attempt="x", origin={"pid": 2**22 + 1}
    )
    [cell] = views.grid(ledger, run_keys=["2026-11-16"])
    detail = views.run(ledger, "a", "2026-11-16")
    assert (cell.state, cell.stages[0].state) == ("failed", "killed")
    assert detail is not None
    assert "gone" in (detail.stages[0].error or "")
    assert views.recent(ledger)[0].state == "killed"


def test_a_run_whole_has_receipts_counts_and_earlier_attempts(filled: Ledger) -> None:
    detail = views.run(filled, "b", "2026-11-17")
    assert detail is not None
    [ingest] = detail.stages
    assert (ingest.manifest_uri, ingest.code_version, ingest.bytes_in, ingest.notes) == (
        "m",
        "v",
        99,
        ("a note",),
    )
    assert [(row.attempt, row.error_kind) for row in detail.history] == [("b-17-1", "OSError")]
    assert [(count.reason, count.rows) for count in detail.counts] == [("too_short", 2)]
    assert (detail.verdict, detail.snapshots, detail.models) == (None, (), ())


def test_a_run_whole_has_the_newest_verdict_with_its_expectations(filled: Ledger) -> None:
    result = {
        "name": "n",
        "expectation_type": "t",
        "column_name": "c",
        "severity": "critical",
        "success": False,
    }
    result |= {"observed": [1], "unexpected_rows": 1, "checked_rows": 8, "reason": "why"}
    run = {"dataset": "a", "run_key": "2026-11-17", "attempt": "x", "fingerprint": "f"}
    filled.record_verdict(**run, verdict=Verdict.FAIL, results=[result])
    filled.record_verdict(
        **run, verdict=Verdict.PASS, results=[result, {**result, "name": "m"}], docs_uri="d"
    )
    detail = views.run(filled, "a", "2026-11-17")
    assert detail is not None
    assert detail.verdict is not None
    assert (detail.verdict.verdict, detail.verdict.docs_uri) == ("pass", "d")
    assert [row.name for row in detail.verdict.expectations] == ["n", "m"]
    assert [row.verdict for row in views.verdicts(filled, dataset="a")] == ["pass", "fail"]
    assert views.verdicts(filled, dataset="b") == []


def test_late_stages_are_named_once(filled: Ledger) -> None:
    for run_id in ("r1", "r2"):
        filled.record_missed_deadline(
            dataset="a",
            run_key="2026-11-16",
            stage="store",
            due_at=NOW,
            noticed_at=NOW,
            finished_at=None,
            lateness_seconds=60.0,
            cause="c",
            notified="log",
            run_id=run_id,
        )
    [cell] = views.grid(filled, run_keys=["2026-11-16"], datasets=["a"])
    detail = views.run(filled, "a", "2026-11-16")
    assert cell.late == ("store",)
    assert detail is not None
    assert len(detail.deadlines) == 2


def test_counts_are_those_of_the_newest_attempt_that_went_well(filled: Ledger) -> None:
    finish(filled, "b", "2026-11-18", Stage.INGEST, "again", rows_out=5, dropped={"too_short": 4, "empty": 1})
    found = views.counts(filled, dataset="b", run_key="2026-11-18")
    assert [(count.reason, count.rows) for count in found] == [("too_short", 4), ("empty", 1)]
    assert views.counts(filled, dataset="b", kind="quarantined") == []
    assert {count.run_key for count in views.counts(filled, since="2026-11-17", until="2026-11-17")} == {
        "2026-11-17"
    }


def test_recent_attempts_come_newest_first_and_no_more_than_asked(filled: Ledger) -> None:
    assert [row.attempt for row in views.recent(filled, limit=2)] == ["b-17-2", "b-17-1"]
    assert [row.attempt for row in views.recent(filled, dataset="b", run_key="2026-11-18")] == ["b-18"]


def test_a_model_is_shown_with_the_run_that_trained_it(ledger: Ledger) -> None:
    finish(ledger, "m", "2026-11-16", Stage.STORE, "x")
    ledger.record_model(
        name="m",
        version="v1",
        run_key="2026-11-16",
        uri="u",
        sha256="0",
        accepted=True,
        metrics={"accuracy": 0.8},
        training_snapshot={},
    )
    detail = views.run(ledger, "m", "2026-11-16")
    assert detail is not None
    assert [(model.version, model.metrics) for model in detail.models] == [("v1", {"accuracy": 0.8})]
    assert timedelta() <= datetime.now(UTC) - detail.models[0].at < timedelta(minutes=1)


def test_missed_deadlines_and_events_come_newest_first_and_of_the_dataset_asked(filled: Ledger) -> None:
    late: dict[str, Any] = {"stage": "store", "due_at": NOW, "noticed_at": NOW, "finished_at": None}
    late |= {"lateness_seconds": 60.0, "cause": "c", "notified": "log", "run_id": "r"}
    for dataset, day in (("a", "2026-11-16"), ("b", "2026-11-17"), ("a", "2026-11-17")):
        filled.record_missed_deadline(dataset=dataset, run_key=day, **late)
    assert [row.run_key for row in views.deadlines(filled, dataset="a")] == ["2026-11-17", "2026-11-16"]
    assert len(views.deadlines(filled, limit=2)) == 2
    assert views.deadlines(filled, dataset="nobody") == []
    assert [event.kind for event in views.events(filled, dataset="a", limit=2)] == ["deadline_missed"] * 2
    assert views.events(filled, dataset="b", run_key="2026-11-18", limit=9)[-1].kind == "started"
