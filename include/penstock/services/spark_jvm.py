"""One Spark Connect server as a child process: its command line, its start, its readiness, its end.

``spark_server`` decides when there is one and who shares it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from penstock.errors import SourceError
from penstock.services.environment import Places, build_environment
from penstock.services.jars import ensure_jars, find_java, find_spark_home

LOOPBACK = "127.0.0.1"
STOP_TIMEOUT_S = 10
DEFAULT_MEMORY = "3g"
MAX_MESSAGE_BYTES = 256 * 1024 * 1024
PR_SET_PDEATHSIG = 1

# Spark's own launcher opens these; it also adds jdk.incubator.vector, which the wheel's runtime lacks.
OPENED_PACKAGES = (
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs"),
    *("sun.security.action", "sun.util.calendar"),
)


JAVA_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m")
"""One collector thread and the quick compiler: the JVM moves bytes, the work on rows is done in Arrow and numba.

With the quick compiler alone Java would reserve 48 MB for machine code, which a server of many jobs fills ("Out of
space in CodeCache for adapters"); 240 MB is what it reserves otherwise.

Measured with `bench/text_speed.py`, filter, a fresh day: 27 CPU seconds become 21 on 100 MB, 51 become 44 on 500 MB.
``_JAVA_OPTIONS`` in the environment wins over them.
"""


class SparkServer:
    """A Connect server of this home on one port of the loopback interface.

    Args:
        places: The project; the metastore, the scratch files and the logs go below its home.
        port: Where to listen.
        cores: Threads that work (default: ``PENSTOCK_SPARK_CORES``, or the cores this process may use).
        memory: The heap (default: ``PENSTOCK_SPARK_MEMORY``, or 3g: a row of a text of 200 MB takes that).
        java_options: More options for Java (default: the class archive of this home, where there is one).
    """

    def __init__(
        self,
        places: Places,
        port: int,
        *,
        cores: int | None = None,
        memory: str | None = None,
        java_options: Sequence[str] | None = None,
    ) -> None:
        self.places = places
        self.port = port
        self.cores = cores or int(os.environ.get("PENSTOCK_SPARK_CORES") or _count_cores())
        self.memory = memory or os.environ.get("PENSTOCK_SPARK_MEMORY") or DEFAULT_MEMORY
        self.java_options = self._archived() if java_options is None else tuple(java_options)
        self.process: subprocess.Popen[bytes] | None = None
        self._log_path = places.logs / "spark.log"

    @property
    def remote_url(self) -> str:
        """What ``SparkSession.builder.remote`` takes."""
        return f"sc://{LOOPBACK}:{self.port}"

    @property
    def folder(self) -> Path:
        """Where the server keeps its metastore, its warehouse and its scratch files."""
        return self.places.home / "spark"

    @property
    def class_path(self) -> str:
        """Where Java finds its classes; a class archive is good for exactly this text."""
        return f"{find_spark_home()}/jars/*:{self.places.jars.resolve()}/*"

    def _archived(self) -> tuple[str, ...]:
        archive = self.places.class_archive
        return (f"-XX:SharedArchiveFile={archive}",) if archive.exists() else ()

    def command(self) -> list[str]:
        """Return the command line of the server."""
        return [
            *(str(find_java()), f"-Xmx{self.memory}", *JAVA_OPTIONS, *self.java_options),
            *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED_PACKAGES),
            "-Djdk.reflect.useDirectMethodHandle=false",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Duser.timezone=UTC",
            f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}",
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            f"-Dderby.system.home={self.folder}",
            f"-Dderby.stream.error.file={self.places.logs / 'derby.log'}",
            *("-cp", self.class_path, "org.apache.spark.deploy.SparkSubmit"),
            *("--master", f"local[{self.cores}]", "--name", "penstock"),
            *(word for key, value in self._settings().items() for word in ("--conf", f"{key}={value}")),
            *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"),
        ]

    def _settings(self) -> dict[str, str]:
        return {
            "spark.connect.grpc.binding.address": LOOPBACK,
            "spark.connect.grpc.binding.port": str(self.port),
            "spark.connect.grpc.maxInboundMessageSize": str(MAX_MESSAGE_BYTES),
            "spark.port.maxRetries": "0",  # else a taken port silently becomes the next one
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.driver.extraClassPath": f"{self.places.jars}/*",
            "spark.local.dir": str(self.folder / "tmp"),
            "spark.ui.enabled": "false",
            "spark.python.worker.reuse": "true",
            "spark.python.daemon.module": "penstock.jobs.worker_daemon",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.execution.arrow.maxRecordsPerBatch": "2000",
            "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            "spark.sql.warehouse.dir": (self.folder / "warehouse").as_uri(),
            "spark.sql.catalogImplementation": "hive",
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={self.folder / 'metastore'};create=true"
            ),
            "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
            "spark.hadoop.hive.metastore.schema.verification": "false",
            "spark.hadoop.hive.exec.scratchdir": str(self.folder / "tmp" / "hive"),
            "spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict",
        }

    def environment(self) -> dict[str, str]:
        """Return the server's environment; its Python workers find ``penstock`` through it."""
        return build_environment(self.places) | {
            "SPARK_HOME": str(find_spark_home()),
            "JAVA_HOME": str(find_java().parents[1]),
            "PYSPARK_DRIVER_PYTHON": sys.executable,
        }

    def start(self, log_path: Path | None = None) -> subprocess.Popen[bytes]:
        """Start the server without waiting for it; where Linux allows, it dies with the calling thread."""
        ensure_jars(self.places.jars)
        self._log_path = log_path or self._log_path
        for folder in (self.folder / "tmp", self._log_path.parent, self.places.logs):
            folder.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                self.command(),
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,
            )
        return self.process

    def wait_until_ready(self, timeout_s: float) -> None:
        """Wait until the port answers.

        Raises:
            SourceError: The server ended, or did not answer within ``timeout_s`` (seconds).
        """
        deadline = time.monotonic() + timeout_s
        while not is_listening(self.port):
            if self.process is None or self.process.poll() is not None:
                code = None if self.process is None else self.process.returncode
                raise SourceError(self._describe(f"it ended with exit code {code}"))
            if time.monotonic() > deadline:
                raise SourceError(self._describe(f"it did not answer within {timeout_s:g} s"))
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server: a polite signal, then after ``STOP_TIMEOUT_S`` a firm one."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_TIMEOUT_S)

    def _describe(self, what: str) -> str:
        return (
            f"expected a Spark server on {LOOPBACK}:{self.port}, but {what}. "
            f"The end of its log {self._log_path}:\n{read_tail(self._log_path)}"
        )


def die_with_parent() -> None:
    """Ask Linux to kill this process when the thread that started it ends, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def is_listening(port: int, timeout_s: float = 1.0) -> bool:
    """Return whether something accepts connections on this port of the loopback interface."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=timeout_s).close()
    except OSError:
        return False
    return True


def choose_port(preferred: Sequence[int] = ()) -> int:
    """Return the first preferred port that is free, else any free one."""
    for port in (*preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    message = f"expected a free port on {LOOPBACK}, found none; close some programs"
    raise SourceError(message)


def read_tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a log, indented, or a word about its absence."""
    if not path.exists():
        return "  (no log was written)"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 20_000))
        tail = file.read().decode(errors="replace").splitlines()[-lines:]
    return "\n".join(f"  {line}" for line in tail) or "  (the log is empty)"


def _count_cores() -> int:
    """Count the cores this process may use, which in a container are fewer than the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
