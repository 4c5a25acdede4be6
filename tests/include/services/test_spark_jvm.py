"""The Java process: what it is told, and what is said when it does not come up."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from penstock.errors import SourceError
from penstock.services import spark_jvm
from penstock.services.environment import Places
from penstock.services.spark_jvm import SparkServer, choose_port, is_listening, read_tail


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SparkServer:
    monkeypatch.setattr(spark_jvm, "ensure_jars", lambda folder: [])
    return SparkServer(Places(tmp_path / "root", tmp_path / "home"), choose_port(), cores=2, memory="512m")


def run_instead(server: SparkServer, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(server, "command", lambda: ["sh", "-c", script])


def test_everything_it_writes_lies_below_the_home(server: SparkServer):
    command = " ".join(server.command())
    home = server.places.home
    for word in (
        f"-Dderby.system.home={home}/spark",
        f"databaseName={home}/spark/metastore;create=true",
        f"spark.local.dir={home}/spark/tmp",
        f"spark.sql.warehouse.dir=file://{home}/spark/warehouse",
    ):
        assert word in command


def test_java_has_room_for_the_machine_code_of_many_jobs(server: SparkServer):
    java, *options = server.command()[: server.command().index("-cp")]
    done = subprocess.run(
        [java, *options, "-XX:+PrintFlagsFinal", "-version"], capture_output=True, text=True, check=True
    )
    (line,) = [line for line in done.stdout.splitlines() if " ReservedCodeCacheSize " in line]
    assert int(line.split("=")[1].split()[0]) >= 200 * 1024 * 1024


def test_listens_on_the_loopback_interface_only(server: SparkServer):
    command = server.command()
    for name in ("spark.connect.grpc.binding.address", "spark.driver.host", "spark.driver.bindAddress"):
        assert f"{name}=127.0.0.1" in command
    assert "spark.ui.enabled=false" in command
    assert server.remote_url == f"sc://127.0.0.1:{server.port}"


def test_cores_and_memory_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENSTOCK_SPARK_MEMORY", "3g")
    monkeypatch.setenv("PENSTOCK_SPARK_CORES", "7")
    command = SparkServer(Places(tmp_path, tmp_path), 1).command()
    assert "-Xmx3g" in command
    assert "local[7]" in command


def test_its_python_workers_find_the_library(server: SparkServer):
    assert server.environment()["PYTHONPATH"].startswith(f"{server.places.root}/include:")


def test_a_server_that_ends_at_once_is_reported_with_its_log(
    server: SparkServer, monkeypatch: pytest.MonkeyPatch
):
    run_instead(server, monkeypatch, "echo the metastore is locked; exit 3")
    server.start()
    with pytest.raises(SourceError, match=r"ended with exit code 3[\s\S]*the metastore is locked"):
        server.wait_until_ready(20)


def test_a_server_that_never_answers_is_reported_in_time(
    server: SparkServer, monkeypatch: pytest.MonkeyPatch
):
    run_instead(server, monkeypatch, "sleep 60")
    server.start()
    with pytest.raises(SourceError, match="did not answer within"):
        server.wait_until_ready(0.3)
    server.stop()


def test_a_server_that_ignores_the_polite_signal_is_killed(
    server: SparkServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spark_jvm, "STOP_TIMEOUT_S", 0.5)
    run_instead(server, monkeypatch, "trap '' TERM; echo ready; while :; do sleep 0.1; done")
    process = server.start(server.places.home / "log")
    while "ready" not in (server.places.home / "log").read_text():
        pass
    server.stop()
    assert process.returncode == -9


def test_stopping_what_never_started_does_nothing(server: SparkServer):
    server.stop()


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert is_listening(port)
        assert choose_port([port]) != port
    assert choose_port([port]) == port
    assert not is_listening(port)


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path):
    log = tmp_path / "log"
    assert read_tail(log) == "  (no log was written)"
    log.touch()
    assert read_tail(log) == "  (the log is empty)"
    log.write_text("one\ntwo\nthree\n")
    assert read_tail(log, lines=2) == "  two\n  three"
