"""A child process that never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from penstock.cli.flow_process import FlowProcess, airflow_command

ROOT = Path(__file__).parents[3]
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def flow_of(code: str, tmp_path: Path) -> FlowProcess:
    return FlowProcess(
        [sys.executable, "-c", code], environment=os.environ, log=tmp_path / "a/b.log", folder=tmp_path
    )


def wait_for(path: Path, patience_s: float = 20) -> str:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text()
        time.sleep(0.05)
    raise AssertionError(path)


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_until_gone(pid: int, patience_s: float = 10) -> bool:
    deadline = time.monotonic() + patience_s
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def test_keeps_the_output_and_the_exit_code(tmp_path: Path) -> None:
    code = "import sys; print('said'); print('complained', file=sys.stderr); sys.exit(3)"
    with flow_of(code, tmp_path) as flow:
        while flow.exit_code() is None:
            time.sleep(0.02)
        assert flow.exit_code() == 3
    assert set(flow.log.read_text().split()) == {"said", "complained"}


def test_asks_first_so_that_the_child_can_clean_up(tmp_path: Path) -> None:
    code = "import time\nprint('up', flush=True)\ntry:\n time.sleep(600)\nexcept KeyboardInterrupt:\n print('cleaned')"
    with flow_of(code, tmp_path) as flow:
        wait_for(flow.log)
    assert flow.log.read_text().split() == ["up", "cleaned"]


def test_the_child_hears_ctrl_c_even_when_this_process_ignores_it(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        test_asks_first_so_that_the_child_can_clean_up(tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_inside_ends_a_stubborn_child_and_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = {signal.SIGINT: 0.3, signal.SIGTERM: 0.3}
    monkeypatch.setattr("penstock.cli.flow_process._PATIENCE_S", patience)
    with pytest.raises(KeyboardInterrupt), flow_of(STUBBORN, tmp_path) as flow:
        grandchild = int(wait_for(flow.log))
        raise KeyboardInterrupt
    assert flow.exit_code() == -signal.SIGKILL
    assert wait_until_gone(grandchild)


def test_ending_twice_and_ending_what_never_began_is_fine(tmp_path: Path) -> None:
    flow = flow_of("print(1)", tmp_path)
    flow.end()
    assert flow.exit_code() is None
    with flow:
        flow.end()
    flow.end()
    assert flow.exit_code() is not None


def test_the_child_dies_when_the_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from penstock.cli.flow_process import FlowProcess
inner = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
with FlowProcess([sys.executable, "-c", inner], environment=os.environ, log=Path({str(tmp_path / "log")!r}),
                 folder=Path({str(tmp_path)!r})):
    time.sleep(600)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "include")}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as parent:
        child = int(wait_for(tmp_path / "log"))
        assert is_alive(child)
        parent.kill()
    assert wait_until_gone(child)


def test_the_command_is_the_one_that_people_type() -> None:
    assert airflow_command("notes", "2026-11-16")[1:] == [
        "-m",
        "airflow",
        "dags",
        "test",
        "notes",
        "2026-11-16",
    ]
