"""Every DAG file parses, serialises, has the five stages in order, and retries what a retry can mend."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from penstock_airflow.schedule import deadlines

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
STAGES = ["ingest", "transfer", "process", "validate", "store"]


@pytest.fixture(scope="module")
def bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags"))


def test_every_file_gives_the_dag_of_its_name(bag: Any):
    assert bag.import_errors == {}
    assert sorted(bag.dags) == [path.stem for path in FILES]


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_a_flow_is_the_five_stages_in_their_order(bag: Any, name: str):
    dag = bag.dags[name]
    assert [task.task_id for task in dag.topological_sort()] == STAGES
    for before, after in pairwise(STAGES):
        assert dag.task_dict[before].downstream_task_ids == {after}


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_a_flow_can_be_serialised_and_read_back(bag: Any, name: str):
    from airflow.serialization.serialized_objects import DagSerialization

    again = DagSerialization.from_dict(DagSerialization.to_dict(bag.dags[name]))
    assert sorted(again.task_dict) == sorted(STAGES)


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_a_flow_retries_with_backoff_and_does_not_catch_up_by_surprise(bag: Any, name: str):
    dag = bag.dags[name]
    assert dag.catchup is False
    for task in dag.tasks:
        assert task.retries >= 1
        assert task.retry_exponential_backoff


def test_a_daily_flow_has_a_real_interval_of_one_day(bag: Any):
    from airflow.sdk import CronDataIntervalTimetable

    timetable = bag.dags["opinion_text"].timetable
    assert isinstance(timetable, CronDataIntervalTimetable)


def test_store_wakes_the_consumers_of_its_tables(bag: Any):
    outlets = bag.dags["opinion_text"].task_dict["store"].outlets
    assert {asset.name for asset in outlets} >= {"opinion_text.labeled_table", "opinion_text.feature_table"}


def test_every_stage_with_a_deadline_has_an_alert_outside_of_dags_test(
    bag: Any, monkeypatch: pytest.MonkeyPatch
):
    recipe = bag.dags["opinion_text"].task_dict["store"].recipe
    assert deadlines.deadline_alerts(recipe) is None, "Airflow 3.3.2 fails at the end of a test run with one"
    monkeypatch.delenv("PENSTOCK_DAG_TEST")
    monkeypatch.setattr("sys.argv", ["airflow", "scheduler"])
    with_deadline = [s for s in deadlines.Stage if deadlines.deadline_of(recipe, s)]
    alerts = deadlines.deadline_alerts(recipe) or []
    assert [alert.name for alert in alerts] == [f"opinion_text {stage}" for stage in with_deadline]
    assert with_deadline
