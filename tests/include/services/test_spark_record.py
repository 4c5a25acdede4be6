"""A record is believed only while what it names lives."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.services.environment import Places
from penstock.services.spark_record import (
    Process,
    ServerRecord,
    drop_lease,
    has_users,
    read_record,
    record_path,
    take_lease,
    write_record,
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path, tmp_path / "home")


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_a_record_of_living_processes_that_answer_is_usable(places: Places, port: int):
    me = Process.of(os.getpid())
    write_record(places, ServerRecord(port, me, me, ready=True))
    record = read_record(places)
    assert record == ServerRecord(port, me, me, ready=True)
    assert record.is_usable()
    assert not ServerRecord(port, me, me, ready=False).is_usable()


def test_a_record_of_a_killed_server_is_not_usable(port: int, sleeper: subprocess.Popen[bytes]):
    me, jvm = Process.of(os.getpid()), Process.of(sleeper.pid)
    assert ServerRecord(port, me, jvm, ready=True).is_usable()
    sleeper.kill()
    while jvm.is_alive():
        pass
    assert not ServerRecord(port, me, jvm, ready=True).is_usable(), "a zombie is not alive"


def test_a_record_whose_port_is_closed_is_not_usable(port: int):
    me = Process.of(os.getpid())
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        unused = closed.getsockname()[1]
    assert not ServerRecord(unused, me, me, ready=True).is_usable()


def test_a_reused_process_id_is_not_taken_for_the_old_process():
    me = Process.of(os.getpid())
    assert me.is_alive()
    assert not Process(me.pid, me.started_at - 1000).is_alive()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"port": 1}', '{"port": 1, "guardian": 2, "jvm": 3}']
)
def test_half_a_record_is_no_record(places: Places, text: str):
    places.run.mkdir(parents=True)
    record_path(places).write_text(text)
    assert read_record(places) is None


def test_a_lease_ends_with_its_process_or_when_dropped(places: Places, sleeper: subprocess.Popen[bytes]):
    assert not has_users(places)
    take_lease(places, sleeper.pid)
    take_lease(places, os.getpid())
    sleeper.kill()
    sleeper.wait()
    assert has_users(places)
    drop_lease(places, os.getpid())
    drop_lease(places, os.getpid())
    assert not has_users(places)


def test_an_unreadable_lease_counts_as_none(places: Places):
    folder = places.run / "spark-users"
    folder.mkdir(parents=True)
    (folder / "17").write_text("{")
    assert not has_users(places)
    assert list(folder.iterdir()) == []
