"""Up, down, status and logs: with small programs in place of Airflow, and once for real."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from penstock.errors import PenstockError, SourceError
from penstock.services import stack
from penstock.services.__main__ import main
from penstock.services.airflow_components import Health
from penstock.services.environment import Places
from penstock.services.processes import end_processes, find_marked
from penstock.services.spark_jvm import choose_port, is_listening
from penstock.services.supervisord import Component, Supervisor

ROOT = Path(__file__).parents[3]


def quiet(line: str) -> None:
    pass


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    """A home whose services are two sleepers that count as healthy while they run."""
    monkeypatch.setattr(stack, "FIRST", (Component("spark", ["sleep", "61"]),))
    monkeypatch.setattr(stack, "SECOND", (Component("scheduler", ["sleep", "62"]),))
    monkeypatch.setattr(stack, "prepare", lambda places, say: False)
    monkeypatch.setattr(stack, "find_running", lambda home: "sc://here")
    monkeypatch.setattr(stack, "read_health", lambda port: {"scheduler": Health("healthy", math.inf)})
    made = Places(ROOT, tmp_path / "home")
    yield made
    stack.down(places=made, say=quiet)
    end_processes(find_marked(made.home), 3)


def members(places: Places) -> set[int]:
    return {process.pid for process in find_marked(places.home)}


def test_up_starts_everything_and_down_leaves_nothing(places: Places):
    said: list[str] = []
    port = choose_port()
    assert stack.up(port, places=places, say=said.append) == f"http://127.0.0.1:{port}"
    assert [line.split()[0] for line in said[:2]] == ["spark", "scheduler"]
    assert str(port) in said[-1]
    found = stack.status(places=places)
    assert found.is_healthy
    assert [service.name for service in found.services] == ["spark", "scheduler"]
    assert f"http://127.0.0.1:{port}" in stack.render_status(found)
    stack.down(places=places, say=quiet)
    assert members(places) == set()
    assert not stack.status(places=places).is_healthy


def test_up_twice_changes_nothing(places: Places):
    stack.up(choose_port(), places=places, say=quiet)
    before = members(places)
    stack.up(places=places, say=quiet)
    assert members(places) == before


def test_up_on_another_port_is_refused_while_it_runs(places: Places):
    port = choose_port()
    stack.up(port, places=places, say=quiet)
    with pytest.raises(PenstockError, match=f"runs on {port}; run `make down` first"):
        stack.up(port + 1, places=places, say=quiet)


def test_a_port_taken_by_another_program_is_named_with_it(places: Places):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PenstockError, match=rf"expected port {port}[\s\S]*PORT={port + 1}"):
            stack.up(port, places=places, say=quiet)
    assert members(places) == set()


def test_down_finds_what_a_killed_supervisord_left(places: Places):
    stack.up(choose_port(), places=places, say=quiet)
    os.kill(int((places.run / "supervisord.pid").read_text()), signal.SIGKILL)
    wait_for(lambda: not Supervisor(places, ()).is_alive() and len(members(places)) == 2)
    assert stack.down(places=places, say=quiet) == 2
    assert members(places) == set()


def test_up_after_a_killed_supervisord_starts_over(places: Places):
    port = choose_port()
    stack.up(port, places=places, say=quiet)
    before = members(places)
    os.kill(int((places.run / "supervisord.pid").read_text()), signal.SIGKILL)
    stack.up(port, places=places, say=quiet)
    assert len(members(places)) == 3
    assert not members(places) & before


def test_down_without_up_says_so(places: Places):
    said: list[str] = []
    assert stack.down(places=places, say=said.append) == 0
    assert said == ["Penstock was not running."]


def test_a_service_that_ends_again_and_again_stops_the_start_with_its_log(
    places: Places, monkeypatch: pytest.MonkeyPatch
):
    broken = Component("spark", ["sh", "-c", "echo no such table; sleep 1.1; exit 1"])
    monkeypatch.setattr(stack, "FIRST", (broken,))
    monkeypatch.setattr(stack, "find_running", lambda home: None)
    with pytest.raises(SourceError, match=r"it ends again and again[\s\S]*no such table"):
        stack.up(choose_port(), places=places, say=quiet)


def test_a_service_that_never_becomes_healthy_stops_the_start(
    places: Places, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stack, "START_TIMEOUT_S", 1)
    monkeypatch.setattr(stack, "read_health", lambda port: {})
    with pytest.raises(SourceError, match="expected scheduler to become healthy, waited 1 s"):
        stack.up(choose_port(), places=places, say=quiet)
    assert [service.health for service in stack.status(places=places).services] == [
        "healthy",
        "not answering",
    ]


def test_logs_of_an_unknown_service_name_the_known_ones(places: Places):
    with pytest.raises(PenstockError, match="expected one of spark, scheduler, got 'kafka'"):
        stack.find_logs(places, "kafka")


def test_logs_before_the_first_start_say_what_to_run(places: Places):
    with pytest.raises(PenstockError, match="run `make up` first"):
        stack.find_logs(places)


def test_logs_are_those_of_one_service_or_of_all(places: Places):
    folder = places.logs / "services"
    folder.mkdir(parents=True)
    for name in ("spark", "scheduler"):
        (folder / f"{name}.log").touch()
    assert [path.name for path in stack.find_logs(places, "scheduler")] == ["scheduler.log"]
    assert [path.name for path in stack.find_logs(places)] == ["spark.log", "scheduler.log"]


def test_the_exit_code_of_status_says_whether_all_is_well(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PENSTOCK_HOME", str(places.home))
    assert main(["status"]) == 1
    assert "Start it: make up" in capsys.readouterr().out
    stack.up(choose_port(), places=places, say=quiet)
    assert main(["status"]) == 0
    assert main(["logs", "kafka"]) == 1
    assert main(["down"]) == 0


def wait_for(happened: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.integration
@pytest.mark.timeout(600)
def test_the_real_stack_comes_up_on_loopback_heals_and_goes_down(tmp_path: Path, penstock_home: Path):
    home, port = tmp_path / "home", choose_port()
    home.mkdir()
    (penstock_home / "jars").mkdir(exist_ok=True)
    (home / "jars").symlink_to(penstock_home / "jars")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environ |= {"PENSTOCK_HOME": str(home), "PYTHONPATH": str(ROOT / "include")}

    def run(*words: str) -> int:
        command = [sys.executable, "-m", "penstock.services", *words]
        return subprocess.run(command, env=environ, timeout=300, check=False).returncode

    before = (ROOT / "airflow.cfg").read_text()
    try:
        assert run("up", "--port", str(port)) == 0
        assert run("status") == 0
        processes = find_marked(home)
        heard = [address for process in processes for address in list_listeners(process)]
        assert {ip.removeprefix("::ffff:") for ip, _ in heard} == {"127.0.0.1"}
        assert port in {number for _, number in heard}
        for process in processes:
            if "scheduler" in " ".join(process.cmdline()):
                process.kill()
        wait_for(lambda: run("status") == 1, 30)
        assert run("up") == 0
        os.kill(int((home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    finally:
        assert run("down") == 0
    assert find_marked(home) == []
    assert not is_listening(port)
    assert (ROOT / "airflow.cfg").read_text() == before


def list_listeners(process: psutil.Process) -> list[tuple[str, int]]:
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:
        return []
    return [(c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN]
