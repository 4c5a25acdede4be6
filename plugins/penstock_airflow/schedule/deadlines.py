"""Deadlines of stages: noticed while they pass, recorded with their cause, notified once.

Airflow 3 has deadlines of whole runs only. Each stage's deadline becomes one `DeadlineAlert` whose callback asks the
ledger whether that stage is done; a stage that ends late (also in ``airflow dags test``, where no triggerer runs)
records itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from penstock.days import DAY, run_key_of
from penstock.ledger import Ledger, deadlines
from penstock.receipt import Stage
from penstock.recipe import Recipe
from penstock.section import Deadline
from penstock.stage import Run
from penstock_airflow.hooks.places import Places
from penstock_airflow.schedule.notify import notify

if TYPE_CHECKING:
    from airflow.sdk import Context

logger = logging.getLogger(__name__)


def deadline_of(recipe: Recipe, stage: Stage) -> Deadline | None:
    """Return the deadline that the recipe sets for ``stage``."""
    section = recipe.validate_ if stage is Stage.VALIDATE else getattr(recipe, stage.value)
    found: Deadline | None = section.deadline
    return found


def deadline_alerts(recipe: Recipe) -> list[DeadlineAlert] | None:
    """Return one alert a stage that has a deadline.

    None under ``airflow dags test`` and ``dag.test()``: Airflow 3.3.2 fails there at the end of a run of any DAG with
    a deadline ("can't adapt type 'dict'"); late stages still record themselves when they end.
    """
    if {"dags", "test"} <= set(sys.argv) or os.environ.get("PENSTOCK_DAG_TEST"):
        return None
    alerts = []
    for stage in Stage:
        deadline = deadline_of(recipe, stage)
        if deadline is None:
            continue
        after_interval = deadline.after == "interval_end"
        reference = (
            DeadlineReference.DAGRUN_LOGICAL_DATE if after_interval else DeadlineReference.DAGRUN_QUEUED_AT
        )
        wait = timedelta(minutes=deadline.minutes) + (DAY if after_interval else timedelta())
        callback = AsyncCallback(
            notice, kwargs={"dataset": recipe.dataset, "stage": stage.value, "after": deadline.after}
        )
        name = f"{recipe.dataset} {stage}"
        # A number, which Airflow reads as seconds: with a timedelta, 3.3.2 cannot clear a failed run, neither for its
        # page nor for a backfill that reprocesses (TypeError; https://github.com/apache/airflow/issues/70368).
        seconds = wait.total_seconds()
        alerts.append(DeadlineAlert(reference=reference, interval=seconds, callback=callback, name=name))
    return alerts or None


async def notice(*, dataset: str, stage: str, after: str, context: Mapping[str, Any] | None = None) -> None:
    """Record that ``stage`` is not done at its deadline; called by Airflow's triggerer."""
    await asyncio.to_thread(_notice, dataset, Stage(stage), after, dict(context or {}))


def _notice(dataset: str, stage: Stage, after: str, context: Mapping[str, Any]) -> None:
    dag_run = context.get("dag_run") or {}
    if after == "interval_end" and _text(dag_run, "run_type") != "scheduled":
        return  # a backfilled or manual run's day ended long ago: its own clock starts with the run
    due = _time(context.get("deadline") or {}, "deadline_time") or datetime.now(UTC)
    run_id = _text(dag_run, "run_id")
    with Places() as places:
        ledger = places.ledger()
        state = deadlines.stage_state(ledger, dataset=dataset, stage=stage, run_id=run_id)
        if state in ("success", "unchanged"):
            return
        run_key = deadlines.run_key_of_run(ledger, dataset=dataset, run_id=run_id) or run_key_of(
            _time(dag_run, "logical_date"), now=_time(dag_run, "run_after"), allow_incomplete=True
        )
        record(
            ledger,
            dataset=dataset,
            run_key=run_key,
            stage=stage,
            run_id=run_id,
            due_at=due,
            finished_at=None,
            cause=_cause(state),
        )


def check_at_end(run: Run, stage: Stage, context: Context) -> None:
    """Record the deadline of a stage that has just ended, well or not, if it is past."""
    deadline = deadline_of(run.recipe, stage)
    if deadline is None:
        return
    due, now = _begin(run, deadline, context) + timedelta(minutes=deadline.minutes), datetime.now(UTC)
    if now <= due:
        return
    state = deadlines.stage_state(
        run.ledger, dataset=run.recipe.dataset, stage=stage, run_id=str(run.origin.get("run_id"))
    )
    record(
        run.ledger,
        dataset=run.recipe.dataset,
        run_key=run.run_key,
        stage=stage,
        run_id=str(run.origin.get("run_id", "")),
        due_at=due,
        finished_at=now,
        cause=_cause(state),
    )


def _begin(run: Run, deadline: Deadline, context: Context) -> datetime:
    """Return when the clock of a deadline started.

    ``airflow dags test`` gives its run the logical date as start: then it is when the first stage began.
    """
    dag_run = context["dag_run"]
    day: datetime | None = dag_run.logical_date
    start: datetime | None = dag_run.start_date
    if deadline.after == "interval_end" and run.origin.get("run_type") == "scheduled" and day is not None:
        return day + DAY
    if start is not None and start != day:
        return start
    run_id = str(run.origin.get("run_id"))
    first = deadlines.first_start(run.ledger, dataset=run.recipe.dataset, run_id=run_id)
    return first or datetime.now(UTC)


def record(
    ledger: Ledger,
    *,
    dataset: str,
    run_key: str,
    stage: Stage,
    run_id: str,
    due_at: datetime,
    finished_at: datetime | None,
    cause: str,
) -> None:
    """Keep a missed deadline in the ledger and, the first time, notify."""
    now = datetime.now(UTC)
    lateness = max(0.0, (now - due_at).total_seconds())
    is_new = ledger.record_missed_deadline(
        dataset=dataset,
        run_key=run_key,
        stage=stage.value,
        run_id=run_id,
        due_at=due_at,
        noticed_at=now,
        finished_at=finished_at,
        lateness_seconds=lateness,
        cause=cause,
        notified=deadlines.NOT_YET_NOTIFIED,
    )
    if is_new:
        text = (
            f"{dataset} {run_key}: stage {stage} missed its deadline {due_at:%Y-%m-%d %H:%M:%S} UTC "
            f"by {lateness:.0f} s: {cause}"
        )
        where = notify(title=f"Penstock: {dataset} {stage} is late", body=text)
        deadlines.mark_notified(
            ledger, dataset=dataset, run_key=run_key, stage=stage, run_id=run_id, where=where
        )


def _cause(state: str | None) -> str:
    causes = {
        None: "the stage has not started: the stage before it is late or failed, or no worker was free",
        "running": "the stage is still running",
        "failed": "the stage failed and waits for its retry, or for a person",
        "killed": "the stage's process was killed",
        "success": "the stage ended late",
        "unchanged": "the stage ended late",
    }
    return causes[state]


def _text(values: Any, name: str) -> str:
    found = values.get(name) if isinstance(values, Mapping) else getattr(values, name, None)
    return str(getattr(found, "value", found) or "")


def _time(values: Any, name: str) -> datetime | None:
    found = values.get(name) if isinstance(values, Mapping) else getattr(values, name, None)
    if isinstance(found, str):
        found = datetime.fromisoformat(found)
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found
