"""A real supervisord with small programs: it starts them, brings them back and takes them along."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from penstock.errors import PenstockError, SourceError
from penstock.services.environment import Places
from penstock.services.processes import MARK, end_processes, find_marked
from penstock.services.supervisord import Component, Supervisor, choose_socket_path


def wait_for(happened: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    home = tmp_path / "a home; of one's own"
    made = Supervisor(
        Places(tmp_path, home), [Component("one", ["sleep", "61"]), Component("two", ["sleep", "62"])]
    )
    yield made
    made.shut_down()
    end_processes(find_marked(home), patience_s=3)
    made.forget()


def start(supervisor: Supervisor) -> None:
    supervisor.start({**os.environ, MARK: str(supervisor.places.home)})


def test_nothing_starts_by_itself(supervisor: Supervisor):
    assert not supervisor.is_alive()
    assert supervisor.read_states() == {}
    start(supervisor)
    assert supervisor.is_alive()
    assert {name: state.state for name, state in supervisor.read_states().items()} == {
        "one": "STOPPED",
        "two": "STOPPED",
    }


def test_a_killed_program_is_started_again(supervisor: Supervisor):
    start(supervisor)
    supervisor.start_component("one")
    first = supervisor.read_states()["one"]
    assert first.is_running
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: supervisor.read_states()["one"].pid not in {0, first.pid})


def test_shutting_down_leaves_nothing(supervisor: Supervisor):
    start(supervisor)
    supervisor.start_component("one")
    supervisor.start_component("two")
    members = find_marked(supervisor.places.home)
    assert len(members) == 3
    supervisor.shut_down()
    assert psutil.wait_procs(members, timeout=20)[1] == []
    supervisor.shut_down()


def test_asking_a_dead_supervisord_to_start_something_says_what_to_do(supervisor: Supervisor):
    with pytest.raises(SourceError, match="run `make down`, then `make up`"):
        supervisor.start_component("one")


def test_a_supervisord_that_cannot_start_is_reported_with_its_log(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(supervisor, "render", lambda: "[supervisord]\nnodaemon = perhaps\n")
    with pytest.raises(SourceError, match=r"expected supervisord to answer[\s\S]*not a valid boolean value"):
        start(supervisor)


def test_a_home_that_supervisord_would_misread_is_refused(tmp_path: Path):
    with pytest.raises(PenstockError, match=r"expected no %[\s\S]*100% mine"):
        Supervisor(Places(tmp_path, tmp_path / "100% mine"), []).render()


def test_it_opens_no_port(supervisor: Supervisor):
    start(supervisor)
    pid = int((supervisor.places.run / "supervisord.pid").read_text())
    assert psutil.Process(pid).net_connections("inet") == []


def test_a_home_too_deep_for_a_socket_gets_one_in_the_temporary_folder(tmp_path: Path):
    deep = tmp_path / ("d" * 100)
    path = choose_socket_path(deep / "run")
    assert not path.is_relative_to(tmp_path)
    assert len(str(path)) < 90
    assert path == choose_socket_path(deep / "run") != choose_socket_path(tmp_path / ("e" * 100))
    made = Supervisor(Places(tmp_path, deep), [Component("one", ["sleep", "61"])])
    start(made)
    made.shut_down()
    wait_for(lambda: find_marked(deep) == [])
    made.forget()
    assert not path.parent.exists()
