"""Which day a DAG run means, however it was started.

A scheduled run, a backfill, a manual run with a date and ``airflow dags test DAG DATE`` all carry a logical date: its
day is the run key. (Not ``data_interval_start``: for a manual run that is the day before.) A run that assets woke means
the newest day among their events; a manual run without a date means the last day that was over when it was created.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from penstock.days import parse_run_key, run_key_of
from penstock.errors import RecipeError

if TYPE_CHECKING:
    from airflow.sdk import Context


def run_key_from(context: Context, *, start: date, allow_incomplete: bool = False) -> str:
    """Return the run key of the run in ``context``.

    Raises:
        RecipeError: for a day that is not over, or before the dataset's ``start``.
    """
    dag_run = context["dag_run"]
    created = getattr(dag_run, "run_after", None) or datetime.now(UTC)
    key = _from_assets(context)
    if dag_run.logical_date is not None or key is None:
        now = created if dag_run.logical_date is None else datetime.now(UTC)
        key = run_key_of(dag_run.logical_date, now=now, allow_incomplete=allow_incomplete)
    if parse_run_key(key) < start:
        message = f"run key {key}: expected a day from {start} on (start in the recipe); name a later one"
        raise RecipeError(message)
    return key


def _from_assets(context: Context) -> str | None:
    events: Any = context.get("triggering_asset_events") or {}
    keys = [
        event.extra["run_key"] for found in events.values() for event in found if "run_key" in event.extra
    ]
    return max(keys, default=None)
