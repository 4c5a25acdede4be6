"""The running stack: a backfill newest first, its scheduler killed half way, then the same days reprocessed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from penstock.manifest import Zone
from penstock.services.environment import Places
from penstock.services.stack import status
from penstock.store.catalog import local_catalog
from penstock.store.read import scan_newest
from support.home import ROOT, Home

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1500)]

DATASET = "airport_weather"
DAYS = ["2013-02-11", "2013-02-12", "2013-02-13", "2013-02-14"]
FIELDS = ["--dag-id", DATASET, "--from-date", DAYS[0], "--to-date", DAYS[-1]]


class RunningStack:
    """What `make up` starts, in a home of its own, and the commands that a person gives it."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.places = Places(ROOT, path / "home")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PENSTOCK"))}
        self.environment = inherited | {
            "PENSTOCK_HOME": str(self.places.home),
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # only what the test asks for
            "PYTHONPATH": f"{ROOT}/include:{ROOT}/plugins",
        }

    def services(self, *words: str) -> None:
        command = [sys.executable, "-m", "penstock.services", *words]
        subprocess.run(command, env=self.environment, cwd=ROOT, check=True, timeout=300)

    def backfill(self, *words: str, fields: Sequence[str] = FIELDS) -> None:
        command = [str(ROOT / "bin" / "airflow"), "backfill", "create", *fields, *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    def is_parsed(self) -> bool:
        return self._finds("select 1 from serialized_dag where dag_id = ?")

    def is_backfilling(self) -> bool:
        return self._finds("select 1 from backfill where dag_id = ? and completed_at is null")

    def _finds(self, query: str) -> bool:
        with closing(sqlite3.connect(self.places.home / "airflow.db", timeout=60)) as database:
            return database.execute(query, [DATASET]).fetchone() is not None

    def failed_runs(self) -> list[tuple[str, int]]:
        """Airflow's failed runs, and how often each was cleared."""
        query = (
            "select run_id, clear_number from dag_run where dag_id = ? and state = 'failed' order by run_id"
        )
        with closing(sqlite3.connect(self.places.home / "airflow.db", timeout=60)) as database:
            return database.execute(query, [DATASET]).fetchall()

    def states(self, stage: str) -> Counter[str]:
        """How many days have that stage in which state, by its newest attempt."""
        query = (
            "select state from stage_runs where id in "
            f"(select max(id) from stage_runs where stage = '{stage}' group by run_key)"
        )
        return Counter(row["state"] for row in self.home.rows(query))

    def pid(self, name: str) -> int:
        (found,) = [service.pid for service in status(places=self.places).services if service.name == name]
        return found


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    (tmp_path / "home").mkdir()
    if (ROOT / ".penstock" / "jars").is_dir():
        (tmp_path / "home" / "jars").symlink_to(ROOT / ".penstock" / "jars")
    made = RunningStack(tmp_path)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        made.services("up", "--port", str(port))
        yield made
    finally:
        made.services("down")


def wait_until(condition: Callable[[], bool], *, what: str, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            message = f"not within {timeout_s:.0f} s: {what}"
            raise TimeoutError(message)
        time.sleep(0.5)


def test_a_backfill_survives_its_scheduler_and_reprocessing_changes_nothing(stack: RunningStack):
    wait_until(stack.is_parsed, what="the DAG is parsed", timeout_s=90)
    stack.backfill("--max-active-runs", "2", "--run-backwards")
    wait_until(lambda: bool(stack.states("process")), what="a process stage begins", timeout_s=180)
    scheduler = stack.pid("scheduler")
    os.kill(scheduler, signal.SIGKILL)
    wait_until(
        lambda: stack.states("store")["success"] == len(DAYS), what="all days published", timeout_s=600
    )
    assert stack.pid("scheduler") != scheduler
    first = stack.home.rows("select run_key from stage_runs where stage = 'ingest' order by id limit 2")
    assert {row["run_key"] for row in first} == set(DAYS[-2:])
    before = published(stack)
    assert before == {day: checked_rows(stack, day) for day in DAYS}

    wait_until(
        lambda: not stack.is_backfilling(), what="Airflow sees that the backfill is over", timeout_s=120
    )
    stack.backfill("--reprocess-behavior", "completed")
    wait_until(lambda: stack.states("store")["unchanged"] == len(DAYS), what="all days again", timeout_s=600)
    assert published(stack) == before


def test_a_failed_run_can_be_cleared_while_its_deadlines_are_still_to_come(stack: RunningStack):
    before_start = ["--dag-id", DATASET, "--from-date", "2012-12-30", "--to-date", "2012-12-30"]
    wait_until(stack.is_parsed, what="the DAG is parsed", timeout_s=90)
    stack.backfill(fields=before_start)
    wait_until(
        lambda: bool(stack.failed_runs()), what="a day that the dataset has not is refused", timeout_s=180
    )
    wait_until(
        lambda: not stack.is_backfilling(), what="Airflow sees that the backfill is over", timeout_s=180
    )
    stack.backfill("--reprocess-behavior", "failed", fields=before_start)
    wait_until(lambda: [n for _, n in stack.failed_runs()] == [1], what="it is refused again", timeout_s=180)


def checked_rows(stack: RunningStack, day: str) -> int:
    manifest = stack.home.manifest(Zone.CHECKED, DATASET, day)
    return sum(entry.rows or 0 for entry in manifest.entries())


def published(stack: RunningStack) -> dict[str, int]:
    """Rows of each day, as PyIceberg reads the table."""
    (name,) = {row["table_name"] for row in stack.home.rows("select table_name from snapshots")}
    rows = scan_newest(local_catalog(stack.places.home), name, columns=("day",))
    return {day.isoformat(): count for day, count in Counter(rows["day"].to_pylist()).items()}
