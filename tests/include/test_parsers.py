"""Spoiled input for every parser: none raises what it should not, none dies, none hangs (`support.fuzz`)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.fuzz import TARGETS

ROOT = Path(__file__).parents[2]
FEW = 400
# About as long for each; together more than a million.
MANY = {
    "archive": 100_000, "response": 300_000, "charset": 200_000, "fast_page": 150_000, "precise_page": 10_000,
    "lines": 200_000, "source_code": 100_000, "cleaned": 50_000, "words": 50_000, "addresses": 200_000,
    "index_page": 150_000, "compressed": 150_000,
}  # fmt: skip


def hammer(name: str, executions: int, folder: Path) -> None:
    seed, newest = random.randrange(10**6), folder / "newest"
    path = os.pathsep.join((str(ROOT / "tests"), str(ROOT / "include")))
    done = subprocess.run(
        [sys.executable, "-m", "support.fuzz", name, str(executions), str(seed), str(newest)],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        held = newest.read_bytes() if newest.exists() else b"\0\0\0\0"
        content = held[4 : 4 + int.from_bytes(held[:4], "little")]
        how = "hung" if done.returncode == -signal.SIGPROF else f"ended with {done.returncode}"
        pytest.fail(f"{name} {how} (seed {seed}) on {content!r}\n{done.stderr[-3000:]}")
    assert json.loads(done.stdout)["executions"] == executions


@pytest.mark.parametrize("name", TARGETS)
def test_spoiled_input_does_no_harm(name: str, tmp_path: Path):
    hammer(name, FEW, tmp_path)


@pytest.mark.integration
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", TARGETS)
def test_a_million_spoiled_inputs_do_no_harm(name: str, tmp_path: Path):
    hammer(name, MANY[name], tmp_path)


def test_a_million_is_a_million():
    assert set(MANY) == set(TARGETS)
    assert sum(MANY.values()) > 1_000_000
