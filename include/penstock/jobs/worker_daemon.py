"""The process that Spark forks its Python workers from, with what they all need loaded before the first fork.

Spark's own loads nothing: each worker would import pandas (PyArrow asks for it) and numba and map the kernel's machine
code for itself, two processor seconds each, again and again. ``spark.python.daemon.module`` names this module; Spark
starts it as ``python -m penstock.jobs.worker_daemon pyspark.worker``.
"""

from __future__ import annotations

import gc
import importlib
import sys

WORKER = "pyspark.worker"
"""What runs functions on rows. The workers that plan a data source and the like are called once and load nothing."""
MODULES = ("pandas", "pyarrow.compute", "penstock.process.document_pass")


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


def main() -> None:
    """Serve Spark's requests for workers until it closes the pipe."""
    if sys.argv[1:2] == [WORKER]:
        preload()
    from pyspark.daemon import manager

    manager()


if __name__ == "__main__":
    main()
