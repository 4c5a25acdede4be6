from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BURN = "import os, time\ndef burn(s):\n    t = time.process_time()\n    while time.process_time() - t < s: pass\n"


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    import measure

    def run(code: str, **options):
        return measure.measure([sys.executable, "-c", BURN + code], log=tmp_path / "log", **options)

    return run


def test_counts_an_orphan_that_outlives_its_parents(measure):
    usage = measure("burn(.2)\nif os.fork() == 0:\n    if os.fork() == 0: burn(.4)\n    os._exit(0)\n")
    assert 0.6 <= usage.total.cpu_s < 1.1


def test_counts_children_that_nobody_waits_for(measure):
    usage = measure(
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "if os.fork() == 0: burn(.5); time.sleep(.6); os._exit(0)\ntime.sleep(1.6)\n"
    )
    assert 0.5 <= usage.total.cpu_s < 1.0


def test_counts_a_waited_child_once(measure):
    usage = measure(
        "import subprocess, sys\nif os.fork() == 0: burn(.5); os._exit(0)\nos.wait()\ntime.sleep(.6)\n"
    )
    assert 0.5 <= usage.total.cpu_s < 1.0


def test_marks_divide_the_cost_and_a_result_comes_back(measure):
    usage = measure("burn(.3)\nprint('@mark half', flush=True)\nburn(.2)\nprint('@result {\"a\": 1}')\n")
    assert usage.result == {"a": 1}
    assert usage.marks["half"].cpu_s == pytest.approx(0.35, abs=0.15)
    assert usage.between("half").cpu_s == pytest.approx(0.2, abs=0.15)
    assert usage.between("half").wall_s > 0.1


def test_memory_is_the_peak(measure):
    usage = measure("kept = bytearray(200_000_000)\ntime.sleep(1)\ndel kept\ntime.sleep(.5)\n")
    assert 200 < usage.peak_mb < 300


def test_a_command_that_fails_or_hangs_is_an_error(measure, capsys):
    with pytest.raises(subprocess.CalledProcessError):
        measure("raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        measure("print('so far', flush=True)\ntime.sleep(60)", timeout_s=1)
    assert "so far" in capsys.readouterr().out
