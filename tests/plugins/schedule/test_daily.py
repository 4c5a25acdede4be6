"""The arguments that every DAG starts from."""

from __future__ import annotations

from datetime import date

from airflow.sdk import AssetAny, CronDataIntervalTimetable

from penstock.recipe import Recipe
from penstock.section import StageSection
from penstock_airflow.assets import asset
from penstock_airflow.schedule.daily import daily, on_assets

RECIPE = Recipe.only(
    "x",
    start=date(2026, 11, 10),
    **{name: StageSection() for name in ("ingest", "transfer", "process", "validate", "store")},
)


def test_a_daily_dag_runs_once_its_day_is_over_and_does_not_catch_up():
    arguments = daily(RECIPE)
    assert isinstance(arguments["schedule"], CronDataIntervalTimetable)
    assert arguments["start_date"].isoformat() == "2026-11-10T00:00:00+00:00"
    assert arguments["catchup"] is False
    assert arguments["default_args"]["retries"] >= 1


def test_a_consumer_runs_when_any_of_its_assets_was_published_one_run_at_a_time():
    arguments = on_assets(RECIPE, [asset("y", "t")])
    assert isinstance(arguments["schedule"], AssetAny)
    assert arguments["max_active_runs"] == 1


def test_two_dags_do_not_share_their_default_arguments():
    first, second = daily(RECIPE), daily(RECIPE)
    first["default_args"]["retries"] = 99
    assert second["default_args"]["retries"] != 99
