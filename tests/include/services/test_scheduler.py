"""A scheduler that was killed leaves workers behind; the next one clears them."""

from __future__ import annotations

import subprocess
import sys

import psutil

from penstock.services.scheduler import end_idle_workers


def worker(title: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", title])


def test_idle_workers_are_ended_and_busy_ones_may_finish():
    idle = worker("airflow worker -- LocalExecutor: <idle>")
    busy = worker("airflow worker -- LocalExecutor: 0198-ti")
    try:
        assert end_idle_workers([psutil.Process(idle.pid), psutil.Process(busy.pid)]) == 1
        idle.wait(5)
        assert busy.poll() is None
    finally:
        for process in (idle, busy):
            process.kill()
            process.wait()
