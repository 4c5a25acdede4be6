"""What Spark's Python workers need is there before they are forked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.jobs import worker_daemon

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession


def test_a_worker_is_forked_with_what_it_needs(spark: SparkSession):
    def look(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow

        there = {
            "pandas",
            "numba",
            "penstock.process.rows",
            "penstock.text.kernel.chain",
        } & sys.modules.keys()
        parent = Path(f"/proc/{os.getppid()}/cmdline").read_text(encoding="utf-8").split("\0")
        for _ in batches:
            yield pyarrow.RecordBatch.from_pydict({"found": [*sorted(there), " ".join(parent[1:]).strip()]})

    found = spark.range(1).mapInArrow(look, "found string").toArrow()["found"].to_pylist()
    assert found == [
        "numba",
        "pandas",
        "penstock.process.rows",
        "penstock.text.kernel.chain",
        "-m penstock.jobs.worker_daemon pyspark.worker",
    ]


def test_nothing_is_compiled_where_nothing_has_been(tmp_path: Path):
    code = (
        "import sys; from penstock.jobs.worker_daemon import preload; preload();"
        "print('penstock.text.kernel.warm' in sys.modules)"
    )
    environment = {**os.environ, "PENSTOCK_KERNEL_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
    assert list(tmp_path.iterdir()) == []


def test_workers_that_plan_load_nothing_more():
    code = (
        "import sys, pyspark.daemon; from penstock.jobs import worker_daemon as d;"
        "pyspark.daemon.manager = lambda: print('pandas' in sys.modules, 'numba' in sys.modules);"
        "sys.argv[1:] = [sys.argv[1]]; d.main()"
    )
    said = {
        module: subprocess.run(
            [sys.executable, "-c", code, module], capture_output=True, text=True, check=True
        ).stdout
        for module in ("pyspark.sql.worker.plan_data_source_read", worker_daemon.WORKER)
    }
    assert said == {
        "pyspark.sql.worker.plan_data_source_read": "False False\n",
        worker_daemon.WORKER: "True True\n",
    }
