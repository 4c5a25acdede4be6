"""What the deadlines ask of the ledger, and keep in it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from penstock.ledger import schema
from penstock.ledger.ledger import Ledger
from penstock.receipt import Stage

NOT_YET_NOTIFIED = "pending"


def stage_state(ledger: Ledger, *, dataset: str, stage: Stage, run_id: str) -> str | None:
    """Return the state of the newest attempt of ``stage`` in the Airflow run ``run_id``; None when there is none."""
    runs = schema.stage_runs
    query = (
        sa.select(runs.c.state, runs.c.origin)
        .where(runs.c.dataset == dataset, runs.c.stage == stage.value)
        .order_by(runs.c.id.desc())
        .limit(500)
    )
    with ledger.engine.connect() as connection:
        found = (row.state for row in connection.execute(query) if row.origin.get("run_id") == run_id)
        return next(found, None)


def run_key_of_run(ledger: Ledger, *, dataset: str, run_id: str) -> str | None:
    """Return the run key that the Airflow run ``run_id`` works on, once any stage of it has started."""
    runs = schema.stage_runs
    query = sa.select(runs.c.run_key, runs.c.origin).where(runs.c.dataset == dataset)
    with ledger.engine.connect() as connection:
        newest_first = connection.execute(query.order_by(runs.c.id.desc()).limit(500))
        return next((row.run_key for row in newest_first if row.origin.get("run_id") == run_id), None)


def first_start(ledger: Ledger, *, dataset: str, run_id: str) -> datetime | None:
    """Return when the first stage of the Airflow run ``run_id`` began."""
    runs = schema.stage_runs
    query = sa.select(runs.c.started_at, runs.c.origin).where(runs.c.dataset == dataset)
    with ledger.engine.connect() as connection:
        newest_first = connection.execute(query.order_by(runs.c.id.desc()).limit(500))
        starts = [row.started_at for row in newest_first if row.origin.get("run_id") == run_id]
    return min(starts, default=None)


def mark_notified(
    ledger: Ledger, *, dataset: str, run_key: str, stage: Stage, run_id: str, where: str
) -> None:
    """Keep where the notice of a missed deadline went."""
    table = schema.deadlines
    wanted = {"dataset": dataset, "run_key": run_key, "stage": stage.value, "run_id": run_id}
    same = [table.c[name] == value for name, value in wanted.items()]
    with ledger.engine.begin() as connection:
        connection.execute(sa.update(table).where(*same).values(notified=where))
