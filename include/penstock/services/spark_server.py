"""The one warm Spark Connect server of this home: found, or started and shared.

``ensure_running`` is what a task, a test or a command calls. A server started that way lives as long as a process
that asked for it, however those end: a small guardian process watches them and the Java process. Under ``make up``
the guardian is kept alive by supervisord and needs no users: ``python -m penstock.services.spark_server``.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import psutil

from penstock.errors import PenstockError, SourceError
from penstock.services.environment import Places, find_places
from penstock.services.locks import hold_lock
from penstock.services.spark_jvm import LOOPBACK, SparkServer, choose_port, read_tail
from penstock.services.spark_record import (
    Process,
    ServerRecord,
    drop_lease,
    has_users,
    lock_path,
    read_record,
    record_path,
    take_lease,
    write_record,
)

__all__ = ["DEFAULT_PORT", "SparkServer", "ensure_running", "find_running", "release"]

DEFAULT_PORT = 15002
START_TIMEOUT_S = 120
WATCH_S = 0.5

_guardians: list[subprocess.Popen[bytes]] = []


def ensure_running(home: Path | None = None, *, timeout_s: float = START_TIMEOUT_S) -> str:
    """Return the URL of this home's Spark server, starting one when none answers.

    The calling process becomes a user of it until it ends or calls ``release``.

    Args:
        home: ``PENSTOCK_HOME`` (default: the environment's, or ``.penstock`` below the project's root).
        timeout_s: How long to wait for another process that is starting it, and then for the start (seconds).

    Raises:
        SourceError: No server came up in that time; the message ends with the server's log.
    """
    places = _places(home)
    with hold_lock(lock_path(places), timeout_s):
        take_lease(places, os.getpid())
        record = read_record(places)
        if record is None or not record.is_usable():
            record = _start_guardian(places, record, timeout_s)
    return f"sc://{LOOPBACK}:{record.port}"


def find_running(home: Path | None = None) -> str | None:
    """Return the URL of this home's Spark server when one answers, without becoming its user."""
    record = read_record(_places(home))
    return f"sc://{LOOPBACK}:{record.port}" if record and record.is_usable() else None


def release(home: Path | None = None) -> None:
    """End the calling process's use of the server; without users it ends within a second or two."""
    drop_lease(_places(home), os.getpid())


def _places(home: Path | None) -> Places:
    places = find_places()
    return places if home is None else Places(places.root, home.absolute())


def _start_guardian(places: Places, record: ServerRecord | None, timeout_s: float) -> ServerRecord:
    """Start a guardian and wait for its record (or for that of one whose starter was killed half way)."""
    deadline = time.monotonic() + timeout_s
    if record and not record.ready and record.guardian.is_alive():
        guardian = record.guardian
    else:
        _remove_remains(places, record)
        guardian = _spawn_guardian(places, record)
    while True:
        record = read_record(places)
        if record and record.guardian.pid == guardian.pid and record.is_usable():
            return record
        if time.monotonic() > deadline or not guardian.is_alive():
            _remove_remains(places, record)
            raise SourceError(_describe_failure(places, timeout_s, died=not guardian.is_alive()))
        time.sleep(0.1)


def _spawn_guardian(places: Places, record: ServerRecord | None) -> Process:
    port = choose_port([record.port] if record else [])
    command = [sys.executable, "-m", "penstock.services.spark_server", "--leased", "--port", str(port)]
    log_path = places.logs / "spark.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        guardian = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=SparkServer(places, port).environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _guardians.append(guardian)
    return Process.of(guardian.pid)


def _remove_remains(places: Places, record: ServerRecord | None) -> None:
    """End what is left of a server that is of no use: its metastore is locked until its process is gone."""
    for process in (record.guardian, record.jvm) if record else ():
        if process.is_alive():
            _end(psutil.Process(process.pid))
    record_path(places).unlink(missing_ok=True)


def _end(process: psutil.Process) -> None:
    try:
        process.terminate()
        process.wait(5)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(5)
    except psutil.NoSuchProcess:
        return


def _describe_failure(places: Places, timeout_s: float, *, died: bool) -> str:
    log_path = places.logs / "spark.log"
    what = "its process ended" if died else f"none answered within {timeout_s:g} s"
    tail = read_tail(log_path)
    return f"expected a Spark server of {places.home}, but {what}. The end of its log {log_path}:\n{tail}"


class Guardian:
    """Keep one Java process, tell the world where it listens, and take it along at the end."""

    def __init__(self, places: Places, port: int) -> None:
        self.places = places
        self.server = SparkServer(places, port)
        self._me = Process.of(os.getpid())

    def start(self, timeout_s: float) -> None:
        """Start the server; the record says ``ready`` once it answers. The lock must be held by someone."""
        process = self.server.start()
        self._write(process.pid, ready=False)
        self.server.wait_until_ready(timeout_s)
        self._write(process.pid, ready=True)

    def _write(self, pid: int, *, ready: bool) -> None:
        write_record(self.places, ServerRecord(self.server.port, self._me, Process.of(pid), ready))

    def watch_for_ever(self) -> int:
        """Wait for the Java process to end, which it should not; return an exit code that says so."""
        return (self.server.process.wait() if self.server.process else 0) or 1

    def watch_users(self) -> int:
        """Wait until nobody uses the server, or until it ends by itself."""
        process = self.server.process
        while process is not None and process.poll() is None:
            if not has_users(self.places) and self._retire():
                return 0
            time.sleep(WATCH_S)
        return 1

    def _retire(self) -> bool:
        """Withdraw the record, unless a new user is just asking."""
        try:
            with hold_lock(lock_path(self.places), timeout_s=0):
                if has_users(self.places):
                    return False
                self.stop()
                return True
        except SourceError:
            return False

    def stop(self) -> None:
        """Withdraw the record when it is ours, and end the Java process."""
        record = read_record(self.places)
        if record and record.guardian == self._me:
            record_path(self.places).unlink(missing_ok=True)
        self.server.stop()


def serve_leased(places: Places, port: int) -> int:
    """Serve until no process has a lease (the starter holds the lock while this starts)."""
    guardian = Guardian(places, port)
    try:
        guardian.start(START_TIMEOUT_S)
        return guardian.watch_users()
    finally:
        guardian.stop()


def serve_for_ever(places: Places, port: int) -> int:
    """Serve until told to stop; while a server with users exists already, keep that one in use instead."""
    while True:
        with hold_lock(lock_path(places), START_TIMEOUT_S):
            guardian = _take_over(places, port)
        if guardian is not None:
            try:
                return guardian.watch_for_ever()
            finally:
                guardian.stop()
        while find_running(places.home):
            time.sleep(WATCH_S)


def _take_over(places: Places, port: int) -> Guardian | None:
    """Start the server, or become a user of the one that runs; the lock is held."""
    record = read_record(places)
    if record and record.is_usable():
        take_lease(places, os.getpid())
        return None
    _remove_remains(places, record)
    guardian = Guardian(places, choose_port([port]))
    try:
        guardian.start(START_TIMEOUT_S)
    except BaseException:
        guardian.stop()
        raise
    return guardian


def _exit_once(received: int, _: FrameType | None) -> None:
    """Leave through the ``finally`` blocks, which a second signal must not cut short."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + received)


def main(arguments: list[str] | None = None) -> int:
    """Run the server in the foreground."""
    parser = argparse.ArgumentParser(prog="python -m penstock.services.spark_server", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="where to listen on the loopback interface"
    )
    parser.add_argument("--leased", action="store_true", help="end when no process uses the server")
    options = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit_once)
    serve = serve_leased if options.leased else serve_for_ever
    try:
        return serve(find_places(), options.port)
    except PenstockError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
