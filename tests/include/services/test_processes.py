"""Processes are found by their mark, weighed, and ended whether they like it or not."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from penstock.services.processes import (
    MARK,
    end_marked,
    end_processes,
    find_marked,
    name_listener,
    weigh_tree,
)

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def begin(script: str, home: Path = tmp_path, on_term: str = "exit") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            ["sh", "-c", f"trap '{on_term}' TERM; echo on; {script}"],
            env={**os.environ, MARK: str(home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        started.append(process)
        return process

    yield begin
    end_processes([*find_marked(tmp_path), *find_marked(tmp_path / "another")], patience_s=0.2)
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_finds_the_processes_of_this_home_with_their_children(start: Start, tmp_path: Path):
    mine = start("sleep 61 & wait")
    start("sleep 61 & wait", tmp_path / "another")
    time.sleep(0.2)
    found = find_marked(tmp_path)
    assert {mine.pid} < {process.pid for process in found}
    assert len(found) == 2
    end_processes(found, 5)
    assert find_marked(tmp_path) == []


def test_ends_what_is_started_while_it_looks(start: Start, tmp_path: Path):
    start("while :; do sleep 0.1; done", on_term="sleep 61 & exit")
    assert end_marked(tmp_path, 5) >= 2
    assert find_marked(tmp_path) == []


def test_never_finds_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(psutil.Process, "environ", lambda self: {MARK: str(tmp_path)})
    assert os.getpid() not in {process.pid for process in find_marked(tmp_path)}
    assert os.getppid() not in {process.pid for process in find_marked(tmp_path)}


def test_ends_what_ignores_the_polite_signal(start: Start, tmp_path: Path):
    stubborn = start("while :; do sleep 0.1; done", on_term="")
    assert end_processes([psutil.Process(stubborn.pid)], patience_s=0.5) == 1
    stubborn.wait(5)
    assert stubborn.returncode in {-9, None, 0}


def test_ending_what_is_gone_already_is_no_error(start: Start):
    process = start("exit")
    gone = psutil.Process(process.pid)
    process.wait()
    end_processes([gone], patience_s=1)


def test_weighs_a_process_with_its_children_and_the_dead_as_nothing(start: Start):
    alone = start("exec sleep 61")
    family = start("sleep 61 & sleep 61 & wait")
    time.sleep(0.2)
    assert 0 < weigh_tree(alone.pid) < weigh_tree(family.pid)
    family.kill()
    family.wait()
    assert weigh_tree(family.pid) == 0


def test_names_who_listens():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert f"pid {os.getpid()}" in name_listener(listener.getsockname()[1])
    assert name_listener(listener_port := 1) == "another program", listener_port
