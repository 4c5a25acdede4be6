"""Kill -9 anything at any moment and run again: nothing lost, nothing doubled (law 2), the same rows (law 3)."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

import pytest

from penstock.manifest import Zone
from penstock.store.catalog import local_catalog
from penstock.store.read import scan_newest
from support.home import Home

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

DAY = "2013-02-12"
STAGES = ["ingest", "transfer", "process", "validate", "store"]


def published_rows(home: Home, dataset: str, table: str) -> dict[str, int]:
    """Rows of each day, read with PyIceberg from the catalog's file."""
    rows = scan_newest(local_catalog(home.path / "home"), f"penstock.{dataset}.{table}", columns=("day",))
    return {day.isoformat(): count for day, count in Counter(rows["day"].to_pylist()).items()}


@pytest.mark.parametrize("stage", STAGES)
def test_kill_9_of_the_task_process_in_a_stage(home: Home, stage: str):
    process = home.start("airflow", "dags", "test", "airport_weather", DAY)
    home.wait_for_stage(stage)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert home.dags_test("airport_weather", DAY) == 0, home.tail()
    checked = home.manifest(Zone.CHECKED, "airport_weather", DAY)
    rows = sum(entry.rows or 0 for entry in checked.entries())
    table = home.manifest(Zone.PUBLISHED, "airport_weather", DAY).outcome
    assert table.rows_out == rows
    (name,) = {row["table_name"] for row in home.rows("select table_name from snapshots")}
    assert published_rows(home, *name.split(".")[-2:]) == {DAY: rows}
    killed = home.rows(
        f"select stage from stage_runs where state in ('killed', 'running') and stage = '{stage}'"
    )
    assert len(killed) <= 1
    assert home.rows("select 1 from stage_runs where state = 'running'") == []


def test_kill_9_of_the_spark_server_while_a_stage_works(home: Home):
    process = home.start("airflow", "dags", "test", "airport_weather", DAY)
    home.wait_for_stage("process")
    java = _wait_for_java(home)
    os.kill(java, signal.SIGKILL)
    assert process.wait(400) == 0, home.tail()
    rows = sum(entry.rows or 0 for entry in home.manifest(Zone.CHECKED, "airport_weather", DAY).entries())
    assert home.manifest(Zone.PUBLISHED, "airport_weather", DAY).outcome.rows_out == rows


def _wait_for_java(home: Home) -> int:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = [p.pid for p in home.processes() if "SparkConnectServer" in " ".join(p.cmdline())]
        if found:
            return found[0]
        time.sleep(0.05)
    message = f"no Spark server was started: {home.tail()}"
    raise TimeoutError(message)


def test_two_runs_of_one_day_at_once(home: Home):
    runs = [home.start("airflow", "dags", "test", "airport_weather", DAY) for _ in range(2)]
    codes = [run.wait(400) for run in runs]
    assert 0 in codes, home.tail()
    assert home.dags_test("airport_weather", DAY) == 0, home.tail()
    rows = sum(entry.rows or 0 for entry in home.manifest(Zone.CHECKED, "airport_weather", DAY).entries())
    (name,) = {row["table_name"] for row in home.rows("select table_name from snapshots")}
    assert published_rows(home, *name.split(".")[-2:]) == {DAY: rows}


def test_days_out_of_order_and_one_day_twice(home: Home):
    for day in ("2013-01-03", "2013-01-01", "2013-01-03", "2013-01-02"):
        assert home.dags_test("airport_weather", day) == 0, home.tail()
    (name,) = {row["table_name"] for row in home.rows("select table_name from snapshots")}
    published = published_rows(home, *name.split(".")[-2:])
    assert sorted(published) == ["2013-01-01", "2013-01-02", "2013-01-03"]
    reused = home.rows("select stage from stage_runs where run_key = '2013-01-03' and state = 'unchanged'")
    assert [row["stage"] for row in reused] == STAGES


def test_nothing_is_left_running_after_a_test_run(home: Home):
    assert home.dags_test("airport_weather", DAY) == 0, home.tail()
    deadline = time.monotonic() + 20
    while home.processes() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [" ".join(p.cmdline())[:120] for p in home.processes()] == []
