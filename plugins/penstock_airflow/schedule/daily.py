"""The schedules, and the defaults that every dataset's DAG starts from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, AssetAny, CronDataIntervalTimetable
from pendulum import datetime as pendulum_datetime

from penstock.recipe import Recipe
from penstock_airflow.schedule.deadlines import deadline_alerts


def daily(recipe: Recipe) -> dict[str, Any]:
    """Return the ``@dag`` arguments of a dataset that runs once a day, for the day before.

    A run of logical date D covers D 00:00 to D+1 00:00 UTC and starts when that is over. Days missed while the
    scheduler was off are made by ``airflow backfill create``, not by surprise.
    """
    return {
        "dag_id": recipe.dataset,
        "description": recipe.description,
        "schedule": CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
        **common(recipe),
    }


def on_assets(recipe: Recipe, assets: list[Asset]) -> dict[str, Any]:
    """Return the ``@dag`` arguments of a dataset that runs when any of ``assets`` was published."""
    return {
        "dag_id": recipe.dataset,
        "description": recipe.description,
        "schedule": AssetAny(*assets),
        **common(recipe),
        "max_active_runs": 1,
    }


def common(recipe: Recipe) -> dict[str, Any]:
    """Return the ``@dag`` arguments that do not depend on the schedule."""
    start = recipe.start
    return {
        "start_date": pendulum_datetime(start.year, start.month, start.day, tz="UTC"),
        "catchup": False,
        "max_active_runs": 2,
        "default_args": dict(RETRIES),
        "deadline": deadline_alerts(recipe),
        "tags": ["penstock"],
    }


RETRIES = {
    "retries": 3,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
}
