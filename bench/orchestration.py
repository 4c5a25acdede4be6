"""What Airflow adds to a day: wall time of the DAG run against the sum of its stages' own work.

    make up && python bench/orchestration.py --dataset opinion_text --days 2026-11-10 2026-11-11

The days must not be published yet (a published day is reused and shows only the overhead). Own work is each receipt's
seconds; the wall time is Airflow's, from the start of the run to its end. Goals: ratio <= 1.5 for a warm day,
overhead <= 15 s.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from penstock.ledger import schema
from penstock.locations import locate
from report import save

AIRFLOW = Path(__file__).parents[1] / "bin" / "airflow"
TIMEOUT_S = 900
GOAL_RATIO, GOAL_OVERHEAD_S = 1.5, 15


def airflow(*words: str) -> str:
    """Run an Airflow command and return what it prints."""
    return subprocess.run([str(AIRFLOW), *words], check=True, capture_output=True, text=True).stdout


def run_day(dataset: str, day: str) -> dict[str, Any]:
    """Trigger a day, wait for its end, and return its figures."""
    run_id = f"bench__{day}__{time.time():.0f}"
    airflow("dags", "trigger", dataset, "--logical-date", f"{day}T00:00:00+00:00", "--run-id", run_id)
    run = wait_for(dataset, run_id)
    wall_s = (_time(run["end_date"]) - _time(run["start_date"])).total_seconds()
    own_s, unchanged = own_work(dataset, day, run_id)
    return {
        "day": day, "state": run["state"], "wall_s": wall_s, "own_work_s": own_s, "overhead_s": wall_s - own_s,
        "ratio": wall_s / own_s, "stages_reused": unchanged,
    }  # fmt: skip


def wait_for(dataset: str, run_id: str) -> dict[str, Any]:
    """Return the run's row once it has ended.

    Raises:
        TimeoutError: when it has not after ``TIMEOUT_S``.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        printed = airflow("dags", "list-runs", dataset, "-o", "json").splitlines()  # log lines come first
        listed = json.loads(next((line for line in reversed(printed) if line.startswith("[{")), "[]"))
        run: dict[str, Any] = next((row for row in listed if row["run_id"] == run_id), {})
        if run.get("state") in ("success", "failed"):
            return run
        time.sleep(2)
    message = f"{dataset} {run_id}: expected it to end within {TIMEOUT_S} s; see make logs"
    raise TimeoutError(message)


def own_work(dataset: str, day: str, run_id: str) -> tuple[float, int]:
    """Return the sum of the receipts' seconds of a run, and how many stages had nothing to do."""
    runs = schema.stage_runs
    query = sa.select(runs).where(runs.c.dataset == dataset, runs.c.run_key == day)
    with locate().ledger().engine.connect() as connection:
        rows = [row for row in connection.execute(query) if row.origin.get("run_id") == run_id]
    return sum(row.seconds or 0.0 for row in rows), sum(row.state == "unchanged" for row in rows)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def main() -> None:
    """Run the days one after the other and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", default="opinion_text")
    parser.add_argument("--days", nargs="+", default=["2026-11-10", "2026-11-11", "2026-11-12"])
    given = parser.parse_args()
    rows = [run_day(given.dataset, day) for day in given.days]
    save("orchestration", rows, goal_ratio=GOAL_RATIO, goal_overhead_s=GOAL_OVERHEAD_S)


if __name__ == "__main__":
    main()
