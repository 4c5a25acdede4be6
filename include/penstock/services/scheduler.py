"""Start Airflow's scheduler after ending what a killed one left behind.

LocalExecutor's workers do not notice that their scheduler is gone. A busy one may finish its task, whose result still
counts; an idle one would wait, and hold memory, for ever.
"""

from __future__ import annotations

import contextlib
import os
import sys

import psutil

from penstock.services.environment import find_places
from penstock.services.processes import end_processes, find_marked

IDLE_TITLE = "LocalExecutor: <idle>"


def end_idle_workers(processes: list[psutil.Process]) -> int:
    """End those of the processes that are workers without a task; return their number."""
    return end_processes((process for process in processes if _is_idle_worker(process)), patience_s=3)


def _is_idle_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return IDLE_TITLE in " ".join(process.cmdline())
    return False


if __name__ == "__main__":
    end_idle_workers(find_marked(find_places().home))
    os.execv(sys.executable, [sys.executable, "-m", "airflow", "scheduler", *sys.argv[1:]])  # noqa: S606
