"""A home of one's own for a test that starts real processes, and what such a test asks of it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from penstock.ledger import Ledger, schema
from penstock.manifest import Manifest, Zone

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Home:
    """An Airflow home and a Penstock home in a folder of their own, on the project's own DAGs and plugins."""

    path: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of every process of this home."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PENSTOCK"))}
        return inherited | {
            "AIRFLOW_HOME": str(self.path / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.path}/airflow.db",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.path / "logs"),
            "AIRFLOW__API_AUTH__JWT_SECRET": "only-for-tests-" * 6,
            "PENSTOCK_HOME": str(self.path / "home"),
            "PENSTOCK_ROOT": str(ROOT),
            "PYTHONPATH": f"{ROOT}/include:{ROOT}/plugins",
            "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}",
            "SPARK_LOCAL_IP": "127.0.0.1",
            **more,
        }

    @property
    def ledger(self) -> Ledger:
        """The home's ledger."""
        return Ledger(f"sqlite:///{self.path}/home/ledger.db")

    def start(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a command in a process group of its own; its output goes to ``log``."""
        with (self.path / "log").open("ab") as log:
            return subprocess.Popen(
                words, env=self.environment(**more), stdout=log, stderr=log, cwd=ROOT, start_new_session=True
            )

    def run(self, *words: str, timeout_s: float = 300) -> int:
        """Run a command to its end and return its exit code."""
        process = self.start(*words)
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise

    def dags_test(self, dataset: str, day: str) -> int:
        """Run a day as a person does."""
        return self.run("airflow", "dags", "test", dataset, day)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Ask the ledger."""
        with self.ledger.engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(query)).mappings()]

    def wait_for_stage(self, stage: str, state: str = "running", timeout_s: float = 180) -> None:
        """Return as soon as ``stage`` is in ``state`` for any run.

        Raises:
            TimeoutError: when it is not in time.
        """
        runs, deadline = schema.stage_runs, time.monotonic() + timeout_s
        query = sa.select(runs.c.id).where(runs.c.stage == stage, runs.c.state == state)
        while time.monotonic() < deadline:
            with self.ledger.engine.connect() as connection:
                if connection.execute(query).first():
                    return
            time.sleep(0.01)
        message = f"stage {stage} was not {state} within {timeout_s} s: {self.tail()}"
        raise TimeoutError(message)

    def manifest(self, zone: Zone, dataset: str, day: str) -> Manifest:
        """Return what is published."""
        from penstock.lake import Lake

        lake = Lake(f"file://{self.path}/home/lake")
        manifest = lake.manifest(zone, dataset, day)
        lake.verify(manifest)
        return manifest

    def tail(self, lines: int = 60) -> str:
        """Return the end of what the commands printed."""
        return "\n".join((self.path / "log").read_text(errors="replace").splitlines()[-lines:])

    def processes(self) -> list[psutil.Process]:
        """Return every process of this home that still runs."""
        mine = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("PENSTOCK_HOME") == str(self.path / "home"):
                    mine.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return mine
