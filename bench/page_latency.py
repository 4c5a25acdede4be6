"""How fast the Penstock page's API answers with 10,000 runs (50,000 stage runs) in the ledger.

    python bench/page_latency.py [--runs 10000] [--requests 40]

Each run has five stages with receipts, drops, a verdict with eight expectations, a snapshot; one in fifty missed a
deadline. Requests go through the whole FastAPI app, logged in, one after the other. The goal is 300 ms.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT / "plugins"), str(ROOT / "bench")]

from penstock.lake import Lake  # noqa: E402
from penstock.ledger import Ledger, schema  # noqa: E402
from penstock.receipt import Stage  # noqa: E402
from report import save  # noqa: E402 - found by the path above

GOAL_MS = 300
DATASETS = 20
LAST_DAY = date(2026, 11, 22)
STAGES = list(Stage)
BATCH = 2_000


def fill(ledger: Ledger, runs: int) -> None:
    """Write ``runs`` runs of `DATASETS` datasets, a day each, backwards from `LAST_DAY`."""
    tables: dict[sa.Table, list[dict[str, Any]]] = {}
    for number in range(runs):
        for table, row in _rows_of(number):
            tables.setdefault(table, []).append(row)
        if number % BATCH == BATCH - 1 or number == runs - 1:
            with ledger.engine.begin() as connection:
                for table, rows in tables.items():
                    connection.execute(sa.insert(table), rows)
            tables.clear()


def _rows_of(number: int) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    day = LAST_DAY - timedelta(days=number // DATASETS)
    run = {"dataset": f"dataset_{number % DATASETS:02d}", "run_key": day.isoformat()}
    at = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=25)
    for position, stage in enumerate(STAGES):
        yield from _stage_rows(run, number * len(STAGES) + position + 1, stage, at)
    verdict = {"attempt": f"validate-{number}", "fingerprint": "f" * 64, "verdict": "pass", "at": at}
    yield schema.verdicts, {"id": number + 1, **run, **verdict, "docs_uri": None, "sample_uri": None}
    for position in range(8):
        yield schema.expectations, _expectation(number + 1, position)
    yield schema.snapshots, {
        **run, "attempt": f"store-{number}", "table_name": "t", "table_format": "iceberg",
        "snapshot_id": str(number), "rows": 7_700, "verdict": "pass", "at": at,
    }  # fmt: skip
    if number % 50 == 0:
        yield schema.deadlines, {
            **run, "stage": "store", "due_at": at, "noticed_at": at, "finished_at": at,
            "lateness_seconds": 60.0, "cause": "a full pool", "notified": "log", "run_id": str(number),
        }  # fmt: skip


def _stage_rows(
    run: dict[str, str], run_id: int, stage: Stage, at: datetime
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    dropped = (
        {"duplicate_text": 400, "too_short": 155, "unknown_language": 37} if stage is Stage.PROCESS else {}
    )
    receipt = {
        **run, "stage": stage.value, "manifest_uri": f"lake/{run['dataset']}/{run['run_key']}/manifest.json",
        "code_version": "0.1.0+0123456789", "recipe_hash": "a" * 64, "bytes_in": 1_300_000, "notes": ["a note"],
        "details": {"masked": {"email": 11}}, "dropped": dropped,
    }  # fmt: skip
    values = {
        "id": run_id, "attempt": f"{stage}-{run_id}", "state": "success", "started_at": at,
        "finished_at": at + timedelta(seconds=9), "seconds": 9.0, "rows_in": 8_400,
        "rows_out": 8_400 - sum(dropped.values()), "rows_dropped": sum(dropped.values()), "rows_quarantined": 0,
        "bytes_out": 900_000, "verdict": "pass" if stage is Stage.VALIDATE else None, "fingerprint": "f" * 64,
        "origin": {"dag_id": run["dataset"], "run_id": f"scheduled__{run['run_key']}", "host": "h", "pid": 1},
    }  # fmt: skip
    yield schema.stage_runs, {**run, "stage": stage.value, **values, "receipt": receipt}
    for reason, rows in dropped.items():
        yield schema.drops, {"stage_run_id": run_id, "kind": "dropped", "reason": reason, "rows": rows}


def _expectation(verdict_id: int, position: int) -> dict[str, Any]:
    return {
        "verdict_id": verdict_id, "position": position, "name": f"promise_{position}", "expectation_type": "e",
        "column_name": "c", "severity": "warning", "success": True, "observed": {"min": 1, "max": 9},
        "unexpected_rows": 0, "checked_rows": 7_700, "reason": "because",
    }  # fmt: skip


def _client(ledger: Ledger, lake: Lake) -> Any:
    """Return a client of the app, logged in as one who may read every DAG."""
    from fastapi.testclient import TestClient

    for name in ("httpx", "httpx2"):  # a line a request would hide the table
        logging.getLogger(name).setLevel(logging.WARNING)

    from penstock_airflow.ui import access
    from penstock_airflow.ui.app import create_page
    from penstock_airflow.ui.sources import Sources

    sources = Sources(ledger=ledger, lake=lake)
    page = create_page(lambda: sources)
    page.dependency_overrides[access.get_user] = lambda: SimpleNamespace(name="bench")
    everything = SimpleNamespace(filter_authorized_dag_ids=lambda *, dag_ids, user, method: dag_ids)
    access.get_auth_manager = lambda: everything
    return TestClient(page)


def _measure(client: Any, path: str, requests: int) -> dict[str, Any]:
    samples, size = [], 0
    for _ in range(requests):
        begin = time.perf_counter()
        answer = client.get(path)
        samples.append((time.perf_counter() - begin) * 1000)
        answer.raise_for_status()
        size = len(answer.content)
    p95 = quantiles(samples, n=20)[-1]
    return {
        "request": path, "first_ms": samples[0], "p50_ms": median(samples), "p95_ms": p95, "of_goal": p95 / GOAL_MS,
        "kilobytes": size / 1000,
    }  # fmt: skip


def main() -> None:
    """Fill a ledger, ask the page's questions and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=40)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        ledger, lake = Ledger(f"sqlite:///{home}/ledger.db"), Lake(f"file://{home}/lake")
        fill(ledger, asked.runs)
        client = _client(ledger, lake)
        paths = [
            "/api/grid",
            "/api/grid?limit=31&dataset=dataset_07",
            "/api/grid?since=2026-01-01&until=2026-06-30",
            "/api/runs/dataset_07/2026-11-20",
            "/api/runs/dataset_07/2026-11-20/quarantine",
        ]
        rows = [_measure(client, path, asked.requests) for path in paths]
        size = Path(home, "ledger.db").stat().st_size
    worst = max(row["p95_ms"] for row in rows)
    facts = {"runs": asked.runs, "stage_runs": asked.runs * len(STAGES), "ledger_mb": round(size / 1e6, 1)}
    save(
        "page_latency", rows, goal_ms=GOAL_MS, worst_p95_ms=round(worst, 1), reached=worst <= GOAL_MS, **facts
    )


if __name__ == "__main__":
    main()
