"""Which day a DAG run means, for every way to start one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from penstock.errors import RecipeError
from penstock_airflow.run_key import run_key_from

START = date(2026, 11, 10)


def context(logical_date: datetime | None, *, run_after: datetime | None = None, events: Any = None) -> Any:
    dag_run = SimpleNamespace(logical_date=logical_date, run_after=run_after)
    return {"dag_run": dag_run, "triggering_asset_events": events}


def event(run_key: str) -> SimpleNamespace:
    return SimpleNamespace(extra={"run_key": run_key})


def test_scheduled_backfilled_manual_and_tested_runs_of_a_date_mean_that_date():
    assert run_key_from(context(datetime(2026, 11, 16, tzinfo=UTC)), start=START) == "2026-11-16"


def test_a_manual_run_without_a_date_means_the_last_day_that_was_over_when_it_was_created():
    created = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)
    assert run_key_from(context(None, run_after=created), start=START) == "2026-11-19"


def test_a_run_that_assets_woke_means_their_newest_day():
    events = {"a": [event("2026-11-12"), event("2026-11-14")], "b": [event("2026-11-13")]}
    created = datetime(2026, 11, 20, tzinfo=UTC)
    assert run_key_from(context(None, run_after=created, events=events), start=START) == "2026-11-14"


def test_refuses_a_day_before_the_dataset_starts():
    with pytest.raises(RecipeError, match="from 2026-11-10 on"):
        run_key_from(context(datetime(2026, 11, 9, tzinfo=UTC)), start=START)


def test_refuses_a_day_that_is_not_over():
    tomorrow = datetime(2999, 1, 1, tzinfo=UTC)
    with pytest.raises(RecipeError, match="expected a day that is over"):
        run_key_from(context(tomorrow), start=START)
    assert run_key_from(context(tomorrow), start=START, allow_incomplete=True) == "2999-01-01"
