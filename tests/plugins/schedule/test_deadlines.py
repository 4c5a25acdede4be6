"""A stage that is late is recorded once, with its cause; one that is done in time is not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from penstock.ledger import Ledger
from penstock.receipt import Stage
from penstock.recipe import parse
from penstock_airflow.schedule.deadlines import deadline_alerts, notice

DUE = datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
def home_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path))
    monkeypatch.setenv("PENSTOCK_LEDGER", f"sqlite:///{tmp_path}/ledger.db")
    return Ledger(f"sqlite:///{tmp_path}/ledger.db")


def context(run_type: str = "scheduled") -> dict[str, Any]:
    run = {"run_id": "r1", "run_type": run_type, "logical_date": "2026-11-16T00:00:00Z", "run_after": None}
    return {"dag_run": run, "deadline": {"deadline_time": DUE.isoformat()}}


def fire(after: str = "run_start", **given: Any) -> None:
    asyncio.run(notice(dataset="x", stage="process", after=after, context=context(**given)))


def missed(ledger: Ledger) -> list[dict[str, Any]]:
    with ledger.engine.connect() as connection:
        return [dict(r) for r in connection.exec_driver_sql("select * from deadlines").mappings()]


def start(ledger: Ledger, attempt: str = "a1", run_id: str = "r1") -> None:
    origin = {"run_id": run_id}
    ledger.start(dataset="x", run_key="2026-11-15", stage=Stage.PROCESS, attempt=attempt, origin=origin)


def test_a_stage_that_never_started_is_late_because_of_what_came_before(home_ledger: Ledger):
    fire()
    (row,) = missed(home_ledger)
    assert (row["run_key"], row["stage"], row["notified"]) == ("2026-11-16", "process", "log")
    assert "has not started" in row["cause"]
    assert row["lateness_seconds"] >= 300


def test_a_running_stage_is_late_for_the_day_it_works_on(home_ledger: Ledger):
    start(home_ledger)
    fire()
    (row,) = missed(home_ledger)
    assert (row["run_key"], row["cause"]) == ("2026-11-15", "the stage is still running")


def test_it_is_recorded_once_however_often_it_is_noticed(home_ledger: Ledger):
    fire()
    fire()
    assert len(missed(home_ledger)) == 1


def test_another_runs_stage_does_not_count(home_ledger: Ledger):
    start(home_ledger, run_id="r0")
    fire()
    assert "has not started" in missed(home_ledger)[0]["cause"]


def test_a_failed_stage_says_so(home_ledger: Ledger):
    start(home_ledger)
    home_ledger.fail(attempt="a1", error=ValueError("x"))
    fire()
    assert "failed" in missed(home_ledger)[0]["cause"]


@pytest.mark.parametrize("run_type", ["backfill", "manual"])
def test_the_end_of_the_day_is_no_deadline_for_a_run_that_is_not_scheduled(
    home_ledger: Ledger, run_type: str
):
    fire("interval_end", run_type=run_type)
    assert missed(home_ledger) == []
    fire("interval_end", run_type="scheduled")
    assert len(missed(home_ledger)) == 1


RECIPE = """
dataset: x
start: 2026-11-01
ingest: {source: {kind: folder, path: /nowhere}, deadline: {minutes: 30}}
process: {steps: [], deadline: {minutes: 90, after: interval_end}}
"""


def test_airflow_keeps_the_interval_as_a_number_which_it_can_read_in_every_place(
    monkeypatch: pytest.MonkeyPatch,
):
    """Where a cleared run's deadlines are set anew, Airflow 3.3.2 takes what it has kept for seconds."""
    from airflow.serialization.decoders import decode_deadline_alert
    from airflow.serialization.encoders import encode_deadline_alert

    monkeypatch.delenv("PENSTOCK_DAG_TEST", raising=False)
    alerts = deadline_alerts(parse(RECIPE, where="test"))
    assert alerts is not None
    kept = [encode_deadline_alert(alert) for alert in alerts]
    expected = [timedelta(minutes=30), timedelta(days=1, minutes=90)]
    assert [timedelta(seconds=alert["interval"]) for alert in kept] == expected
    assert [decode_deadline_alert(alert).interval for alert in kept] == expected
