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
    query = sa.select(runs.c.state).where(*_of_run(dataset, run_id), runs.c.stage == stage.value)
    with ledger.engine.connect() as connection:
        return connection.execute(query.order_by(runs.c.id.desc()).limit(1)).scalar()


def run_key_of_run(ledger: Ledger, *, dataset: str, run_id: str) -> str | None:
    """Return the run key that the Airflow run ``run_id`` works on, once any stage of it has started."""
    runs = schema.stage_runs
    query = sa.select(runs.c.run_key).where(*_of_run(dataset, run_id))
    with ledger.engine.connect() as connection:
        return connection.execute(query.order_by(runs.c.id.desc()).limit(1)).scalar()


def first_start(ledger: Ledger, *, dataset: str, run_id: str) -> datetime | None:
    """Return when the first stage of the Airflow run ``run_id`` began."""
    query = sa.select(sa.func.min(schema.stage_runs.c.started_at)).where(*_of_run(dataset, run_id))
    with ledger.engine.connect() as connection:
        return connection.execute(query).scalar()


def _of_run(dataset: str, run_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    runs = schema.stage_runs
    return runs.c.dataset == dataset, runs.c.origin["run_id"].as_string() == run_id


def mark_notified(
    ledger: Ledger, *, dataset: str, run_key: str, stage: Stage, run_id: str, where: str
) -> None:
    """Keep where the notice of a missed deadline went."""
    table = schema.deadlines
    wanted = {"dataset": dataset, "run_key": run_key, "stage": stage.value, "run_id": run_id}
    same = [table.c[name] == value for name, value in wanted.items()]
    with ledger.engine.begin() as connection:
        connection.execute(sa.update(table).where(*same).values(notified=where))
