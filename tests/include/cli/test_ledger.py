"""What the ledger says, for people and for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.errors import ContractError
from penstock.receipt import Verdict


def test_runs_lists_each_run_with_its_rows_and_verdict(flow: Any, penstock: Any) -> None:
    flow.whole_day("2026-11-09")
    flow.whole_day("2026-11-16")
    (newest, oldest) = penstock("ledger", "runs", "--json").json()
    assert [newest["run_key"], oldest["run_key"]] == ["2026-11-16", "2026-11-09"]
    assert (newest["state"], newest["verdict"], len(newest["stages"])) == ("done", "warn", 5)
    (line,) = [
        line for line in penstock("ledger", "runs", "--to", "2026-11-10").out.splitlines() if "notes" in line
    ]
    assert line.split()[:8] == ["2026-11-09", "notes", "done", "warn", "4", "1", "1", "2"]


def test_runs_of_another_dataset_are_none(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    assert penstock("ledger", "runs", "--dataset", "other", "--json").json() == []
    assert penstock("ledger", "runs", "--dataset", "other").code == 0


def test_show_has_a_line_a_stage_with_reasons_notes_and_snapshots(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    shown = penstock("ledger", "show", "notes", "2026-11-16")
    first_words = [line.split()[0] for line in shown.out.splitlines() if line.split()]
    stages = [word for word in first_words if word in {"ingest", "transfer", "process", "validate", "store"}]
    assert stages == ["ingest", "transfer", "process", "validate", "store"]
    assert "exact_duplicate 1" in shown.out
    assert "text is there 1" in shown.out
    assert "promise broken (critical): text is there: observed 1, 1 rows" in shown.out
    assert "published: penstock.notes.notes snapshot 42 (2 rows)" in shown.out


def test_show_names_each_late_stage_and_each_table_once_the_newest(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    now = datetime(2026, 11, 17, 2, tzinfo=UTC)
    for run_id, seconds in (("first", 60.0), ("second", 7200.0)):
        flow.ledger.record_missed_deadline(
            dataset="notes", run_key="2026-11-16", stage="store", due_at=now, noticed_at=now, lateness_seconds=seconds,
            cause="slow", notified="log", run_id=run_id,
        )  # fmt: skip
    flow.ledger.record_snapshot(
        dataset="notes", run_key="2026-11-16", attempt="b", table_name="penstock.notes.notes", table_format="iceberg",
        snapshot_id="43", rows=2, verdict="pass",
    )  # fmt: skip
    lines = [line.strip() for line in penstock("ledger", "show", "notes", "2026-11-16").out.splitlines()]
    assert [line for line in lines if line.startswith("deadline")] == [
        "deadline missed: store was 2 h 00 min late: slow"
    ]
    assert [line for line in lines if line.startswith("published")] == [
        "published: penstock.notes.notes snapshot 43 (2 rows)"
    ]


def test_show_as_json_balances(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    detail = penstock("ledger", "show", "notes", "2026-11-16", "--json").json()
    for stage in detail["stages"]:
        assert stage["rows_in"] == stage["rows_out"] + stage["rows_dropped"] + stage["rows_quarantined"]


def test_a_run_that_never_was_is_exit_code_1_and_says_what_ran(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    ran = penstock("ledger", "show", "notes", "2026-11-17")
    assert (ran.code, ran.out) == (1, "")
    assert "datasets that ran: notes" in ran.err


def test_a_failed_run_shows_its_error(flow: Any, penstock: Any) -> None:
    flow.ingest(["one"])
    flow.transfer(["one"])
    flow.process([flow.clean_row(0, "one")])
    with pytest.raises(ContractError):
        flow.validate(
            [], [{**flow.clean_row(0, "one"), "failed_expectations": ["text is there"]}], verdict=Verdict.FAIL
        )
    assert "validate failed: the gate said no" in penstock("ledger", "show", "notes", "2026-11-16").out
    (run,) = penstock("ledger", "runs", "--json").json()
    assert run["state"] == "failed"


def test_drops_counts_by_reason(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    drops = penstock("ledger", "drops", "--run-key", "2026-11-16", "--json").json()
    assert {(d["stage"], d["kind"], d["reason"], d["rows"]) for d in drops} == {
        ("process", "dropped", "exact_duplicate", 1),
        ("validate", "quarantined", "text is there", 1),
    }
    assert "exact_duplicate" in penstock("ledger", "drops", "--dataset", "notes").out


def test_verdicts_names_the_broken_promises(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    (verdict,) = penstock("ledger", "verdicts", "--json").json()
    assert (verdict["verdict"], verdict["expectations"][0]["name"]) == ("warn", "text is there")
    assert "critical: text is there (1)" in penstock("ledger", "verdicts").out


def test_deadlines_says_how_late_and_why(flow: Any, penstock: Any) -> None:
    now = datetime(2026, 11, 17, 2, tzinfo=UTC)
    flow.ledger.record_missed_deadline(
        dataset="notes", run_key="2026-11-16", stage="store", due_at=now, noticed_at=now, lateness_seconds=3700.0,
        cause="process took 50 min", notified="log",
    )  # fmt: skip
    (late,) = penstock("ledger", "deadlines", "--json").json()
    assert (late["stage"], late["lateness_seconds"]) == ("store", 3700.0)
    assert "1 h 01 min" in penstock("ledger", "deadlines", "--dataset", "notes").out


def test_events_come_newest_first_and_are_bounded(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    events = penstock("ledger", "events", "--limit", "3", "--json").json()
    assert [event["kind"] for event in events] == ["finished", "started", "finished"]
    assert "started" in penstock("ledger", "events").out


def test_asking_creates_no_ledger(penstock: Any, tmp_path: Any) -> None:
    ran = penstock("ledger", "runs")
    assert ran.code == 2
    assert "run penstock demo" in ran.err
    assert not (tmp_path / "ledger.db").exists()
