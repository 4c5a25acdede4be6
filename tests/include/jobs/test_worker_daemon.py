"""What Spark's Python workers need is there before they are forked, and goes when it is not needed any more."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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


DAEMON = """
import sys
from penstock.jobs import worker_daemon
worker_daemon.preload = lambda: None
worker_daemon.UNUSED_S = 1.5
sys.argv[1:] = [worker_daemon.WORKER]
worker_daemon.main()
"""


def test_a_daemon_stays_while_it_has_a_worker_and_ends_soon_after_its_last():
    environment = {**os.environ, "PYTHON_WORKER_FACTORY_SECRET": "x"}
    daemon = subprocess.Popen(
        [sys.executable, "-c", DAEMON], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert daemon.stdout is not None
    (port,) = struct.unpack("!i", daemon.stdout.read(4))
    with closing(socket.create_connection(("127.0.0.1", port), 10)) as request:
        (worker,) = struct.unpack("!i", request.recv(4))
        time.sleep(3)
        assert daemon.poll() is None
        assert Path(f"/proc/{worker}").exists()
    daemon.wait(10)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)


@pytest.mark.integration
@pytest.mark.timeout(180)
def test_spark_starts_another_daemon_when_the_first_was_not_needed_any_more(spark: SparkSession):
    def parent(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow

        for _ in batches:
            yield pyarrow.RecordBatch.from_pydict({"pid": [os.getppid()]})

    def run() -> int:
        (pid,) = spark.range(1).mapInArrow(parent, "pid long").toArrow()["pid"].to_pylist()
        return int(pid)

    daemon = run()
    assert run() == daemon
    deadline = time.monotonic() + 100
    while Path(f"/proc/{daemon}").exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not Path(f"/proc/{daemon}").exists()
    assert run() != daemon
