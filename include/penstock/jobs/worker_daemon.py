"""The process that Spark forks its Python workers from, with what they all need loaded before the first fork.

Spark's own loads nothing: each worker would import pandas (PyArrow asks for it) and numba and map the kernel's machine
code for itself, two processor seconds each, again and again. ``spark.python.daemon.module`` names this module; Spark
starts it as ``python -m penstock.jobs.worker_daemon pyspark.worker``.

A Spark Connect server starts one for each session that runs Python and keeps it as long as the server lives. Ours
holds 190 MB, so it ends itself when it has had no worker for a while. Spark is prepared for that: it starts another
when the connection to one fails (``PythonWorkerFactory.createThroughDaemon``).
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import socket
import sys
import time
from collections.abc import Sequence
from types import SimpleNamespace

WORKER = "pyspark.worker"
"""What runs functions on rows. The workers that plan a data source and the like are called once and load nothing."""
MODULES = ("pandas", "pyarrow.compute", "penstock.process.document_pass")
UNUSED_S = 10.0
"""How long to stay without a worker (seconds). Spark itself ends a worker that has been idle for a minute."""


def preload() -> None:
    """Import what workers import, and map the kernel where it has been compiled: nothing is compiled here."""
    for name in MODULES:
        importlib.import_module(name)
    from penstock.text.kernel.compiled import cache_folder

    if cache_folder().is_dir():
        from penstock.text.kernel.warm import warm

        warm()
    gc.collect()
    gc.freeze()  # what is here stays: workers share its pages, and their collections leave it alone


class UntilUnused:
    """``select.select`` for Spark's loop, which asks it every second: ends the process when nobody needs it."""

    def __init__(self) -> None:
        self._used_at = time.monotonic()

    def __call__(
        self,
        reads: Sequence[int | socket.socket],
        writes: Sequence[int],
        errors: Sequence[int],
        timeout: float,
    ) -> tuple[list[int | socket.socket], list[int], list[int]]:
        """Wait as ``select.select`` does.

        Raises:
            SystemExit: nobody asks for anything, and there has been no worker for a while.
        """
        ready = select.select(reads, writes, errors, timeout)
        if ready[0] or _has_workers():
            self._used_at = time.monotonic()
        elif time.monotonic() - self._used_at >= UNUSED_S:
            for source in reads:
                if isinstance(source, socket.socket):
                    source.close()  # who connects in this very moment is refused at once, and asks another
            raise SystemExit(0)
        return ready


def _has_workers() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)  # Spark's loop ignores SIGCHLD: a worker that ended is no child any more
    except ChildProcessError:
        return False
    return True


def main() -> None:
    """Serve Spark's requests for workers until it closes the pipe, or has not needed any for a while."""
    if sys.argv[1:2] == [WORKER]:
        preload()
    from pyspark import daemon

    daemon.select = SimpleNamespace(select=UntilUnused(), error=select.error)
    daemon.manager()


if __name__ == "__main__":
    main()
