"""Every command of the documentation, run as a newcomer would: in a fresh clone, in the order of the pages.

The caches of pip and uv are shared so that the clone does not fetch a gigabyte again; nothing else is.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.documentation import ROOT, Command, commands

pytestmark = [pytest.mark.integration, pytest.mark.timeout(3000)]

ENDLESS = {"make logs"}
ELSEWHERE = {"make test": "it is what runs", "make test-integration": "it is what runs this"}
LIMIT_S = 900


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh clone of what is committed, stopped and removed at the end."""
    folder = tmp_path_factory.mktemp("clone") / "penstock"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    yield folder
    subprocess.run(["make", "down"], cwd=folder, env=environment(), check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def environment() -> dict[str, str]:
    """The environment of a newcomer: nothing of this project, no Java."""
    own = ("AIRFLOW", "PENSTOCK", "PYTHONPATH", "VIRTUAL_ENV", "JAVA_HOME", "SPARK", "PYTEST")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    venv = str(ROOT / ".venv")
    kept["PATH"] = ":".join(p for p in kept["PATH"].split(":") if not p.startswith(venv))
    return kept


def run(clone: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end; one that follows a log is ended after a while, which is its good end."""
    limit = 10 if command in ENDLESS else LIMIT_S
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=clone, env=environment(), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert command in ENDLESS, f"{command} did not end within {limit} s:\n{output[-4000:]}"
        return subprocess.CompletedProcess(command, 0, output)
    return subprocess.CompletedProcess(command, process.returncode, output)


def filled(clone: Path, command: Command) -> str:
    """Put real values where the page has placeholders."""
    text = command.text
    if text.startswith("python "):
        text = f"source bin/env.sh && {text}"
    if "<doc_id>" in text:
        code = "source bin/env.sh && python -c 'from penstock.trace import any_dropped; print(any_dropped())'"
        text = text.replace("<doc_id>", run(clone, code).stdout.split()[-1])
    return text


def wait_for_backfills(clone: Path) -> None:
    """Wait until Airflow would take another one, as the README says."""
    deadline = time.monotonic() + LIMIT_S
    with closing(sqlite3.connect(clone / ".penstock" / "airflow.db", timeout=60)) as database:
        while database.execute("select 1 from backfill where completed_at is null").fetchone():
            assert time.monotonic() < deadline, f"a backfill was not over within {LIMIT_S} s"
            time.sleep(2)


def test_every_command_of_the_documentation_works_in_a_fresh_clone(clone: Path):
    results = {}
    pages = sorted({c.page for c in commands()}, key=lambda p: (p != "README.md", p))
    downs = []
    for page in pages:
        for command in [c for c in commands() if c.page == page]:
            if command.text in ELSEWHERE or command.text in results:
                continue
            if command.text == "make down":
                downs.append(command)
                continue
            if "backfill create" in command.text:
                wait_for_backfills(clone)
            done = run(clone, filled(clone, command))
            results[command.text] = done.returncode
            assert done.returncode == 0, f"{command.page}: $ {command.text}\n{done.stdout[-4000:]}"
    for command in downs:
        assert run(clone, command.text).returncode == 0
    left = subprocess.run(["git", "status", "--short"], cwd=clone, capture_output=True, text=True, check=True)
    strange = [
        line for line in left.stdout.splitlines() if "my_notes" not in line and "bench/results" not in line
    ]
    assert strange == [], json.dumps(results, indent=1)
