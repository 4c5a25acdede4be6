"""One holder at a time, and never for ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from penstock.errors import SourceError
from penstock.services.locks import hold_lock

HOLD = """
import sys, time
from pathlib import Path
from penstock.services.locks import hold_lock
with hold_lock(Path(sys.argv[1]), 5):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    include = Path(__file__).parents[3] / "include"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")],
        env={"PYTHONPATH": str(include)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_waits_no_longer_than_asked_for_a_lock_that_another_holds(tmp_path: Path, holder):
    with pytest.raises(SourceError, match="another process holds it"), hold_lock(tmp_path / "lock", 0.3):
        pass
    assert holder.poll() is None


def test_a_lock_ends_with_its_holder_however_that_ends(tmp_path: Path, holder):
    holder.kill()
    with hold_lock(tmp_path / "lock", 5):
        pass


def test_a_lock_can_be_taken_again_after_an_error(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), hold_lock(tmp_path / "deep" / "lock", 0):
        1 / 0  # noqa: B018
    with hold_lock(tmp_path / "deep" / "lock", 0):
        pass
