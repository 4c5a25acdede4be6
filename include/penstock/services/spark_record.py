"""What is written on disk about the home's one Spark server: where it listens, and who uses it.

Only one server may serve a home: its Hive metastore is an embedded Derby database, which one process can open.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from penstock.services.environment import Places
from penstock.services.spark_jvm import is_listening

CLOCK_SLACK_S = 2.0
"""Start times are counted from the boot time, which moves when the machine's clock is set."""


@dataclass(frozen=True)
class Process:
    """A process id with its start time, so that a reused id is not mistaken for it."""

    pid: int
    started_at: float

    @classmethod
    def of(cls, pid: int) -> Process:
        """Describe a running process."""
        return cls(pid, psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        """Return whether exactly this process still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started_at) < CLOCK_SLACK_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@dataclass(frozen=True)
class ServerRecord:
    """The content of ``run/spark.json``."""

    port: int
    guardian: Process
    jvm: Process
    ready: bool

    def is_usable(self) -> bool:
        """Return whether the server lives and answers."""
        return self.ready and self.guardian.is_alive() and self.jvm.is_alive() and is_listening(self.port)


def record_path(places: Places) -> Path:
    """Where the record lies."""
    return places.run / "spark.json"


def lock_path(places: Places) -> Path:
    """The lock that whoever starts or ends the server holds."""
    return places.run / "spark.lock"


def read_record(places: Places) -> ServerRecord | None:
    """Read the record; ``None`` when there is none or it is not one of ours."""
    try:
        fields = json.loads(record_path(places).read_text())
        guardian, jvm = Process(**fields.pop("guardian")), Process(**fields.pop("jvm"))
        return ServerRecord(**fields, guardian=guardian, jvm=jvm)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_record(places: Places, record: ServerRecord) -> None:
    """Write the record at once, so that a reader never sees half of it."""
    path = record_path(places)
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(path)


def take_lease(places: Places, pid: int) -> None:
    """Say that this process uses the server; the lease ends with the process."""
    folder = _lease_folder(places)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{pid}"
    draft.write_text(json.dumps(asdict(Process.of(pid))))
    draft.replace(folder / str(pid))


def drop_lease(places: Places, pid: int) -> None:
    """Say that this process no longer uses the server."""
    (_lease_folder(places) / str(pid)).unlink(missing_ok=True)


def has_users(places: Places) -> bool:
    """Return whether any process with a lease still runs; forget the others."""
    alive = False
    for path in _lease_folder(places).glob("[0-9]*"):
        if _read_lease(path).is_alive():
            alive = True
        else:
            path.unlink(missing_ok=True)
    return alive


def _read_lease(path: Path) -> Process:
    try:
        return Process(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return Process(pid=0, started_at=0.0)


def _lease_folder(places: Places) -> Path:
    return places.run / "spark-users"
