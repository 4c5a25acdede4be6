"""One server per home, shared, found again, and gone with its last user."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from penstock.errors import SourceError
from penstock.services import spark_jvm
from penstock.services.environment import Places
from penstock.services.spark_jvm import SparkServer, choose_port
from penstock.services.spark_record import lock_path, read_record, record_path, take_lease
from penstock.services.spark_server import Guardian, ensure_running, find_running, release

ROOT = Path(__file__).parents[3]


def wait_for(happened: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def own_home(tmp_path: Path, penstock_home: Path) -> Path:
    """A home without a server yet."""
    (tmp_path / "jars").symlink_to(penstock_home / "jars")
    (penstock_home / "jars").mkdir(exist_ok=True)
    return tmp_path


@pytest.fixture
def guardian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guardian]:
    """A guardian of a small web server in place of Spark."""
    monkeypatch.setattr(spark_jvm, "ensure_jars", lambda folder: [])
    monkeypatch.setattr(
        SparkServer, "command",
        lambda self: [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(self.port)],
    )  # fmt: skip
    made = Guardian(Places(ROOT, tmp_path), choose_port())
    yield made
    made.stop()


def test_a_guardian_announces_its_server_and_withdraws_it_with_the_last_user(guardian: Guardian):
    user = subprocess.Popen(["sleep", "60"])
    take_lease(guardian.places, user.pid)
    guardian.start(20)
    assert find_running(guardian.places.home) == guardian.server.remote_url
    codes: list[int] = []
    watch = threading.Thread(target=lambda: codes.append(guardian.watch_users()))
    watch.start()
    user.kill()
    user.wait()
    watch.join(20)
    assert codes == [0]
    assert find_running(guardian.places.home) is None
    assert not record_path(guardian.places).exists()


def test_a_guardian_keeps_a_server_that_somebody_is_just_asking_for(guardian: Guardian):
    from penstock.services.locks import hold_lock

    guardian.start(20)
    with hold_lock(lock_path(guardian.places), 5):
        assert guardian._retire() is False
    take_lease(guardian.places, os.getpid())
    assert guardian._retire() is False
    assert find_running(guardian.places.home)


def test_a_guardian_whose_server_is_killed_says_so(guardian: Guardian):
    guardian.start(20)
    assert guardian.server.process is not None
    guardian.server.process.kill()
    assert guardian.watch_for_ever() != 0
    assert find_running(guardian.places.home) is None


def test_a_server_that_cannot_start_fails_soon_with_its_log(own_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENSTOCK_SPARK_MEMORY", "plenty")
    with pytest.raises(SourceError, match=r"its process ended[\s\S]*Invalid maximum heap size: -Xmxplenty"):
        ensure_running(own_home, timeout_s=60)
    assert not record_path(Places(ROOT, own_home)).exists()


def test_a_stale_record_of_dead_processes_is_not_believed(tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "spark.json").write_text(
        '{"port": 1, "guardian": {"pid": 1, "started_at": 0}, "jvm": {"pid": 1, "started_at": 0}, "ready": true}'
    )
    assert find_running(tmp_path) is None


def test_a_session_computes_imports_the_library_and_keeps_an_orc_table(penstock_home: Path):
    from pyspark.sql import SparkSession

    def name_library(batches):
        import pyarrow as pa

        import penstock.errors

        for _ in batches:
            yield pa.RecordBatch.from_pydict({"name": [penstock.errors.__name__]})

    url = ensure_running(penstock_home, timeout_s=180)
    assert ensure_running(penstock_home) == url, "the second asker gets the same server"
    session = SparkSession.builder.remote(url).create()
    try:
        assert session.range(1000).selectExpr("sum(id)").first()[0] == 499500
        assert session.range(3).mapInArrow(name_library, "name string").distinct().collect() == [
            ("penstock.errors",)
        ]
        session.sql("CREATE OR REPLACE TEMP VIEW three AS SELECT explode(sequence(1, 3)) AS a")
        session.sql("DROP TABLE IF EXISTS spark_catalog.default.three_orc")
        session.sql("CREATE TABLE spark_catalog.default.three_orc USING orc AS SELECT * FROM three")
        assert session.table("spark_catalog.default.three_orc").count() == 3
        assert session.conf.get("spark.sql.session.timeZone") == "UTC"
    finally:
        session.stop()


@pytest.mark.integration
def test_a_killed_server_is_replaced_and_its_tables_are_still_there(own_home: Path):
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(ensure_running(own_home, timeout_s=180)).create()
    session.sql("CREATE TABLE kept USING orc AS SELECT 7 AS a")
    configure_iceberg(session, own_home)
    session.sql("CREATE NAMESPACE lake.pub")
    session.sql("CREATE TABLE lake.pub.kept USING iceberg AS SELECT 8 AS a")
    session.stop()  # one that outlives its server retries for minutes before it lets go
    record = read_record(Places(ROOT, own_home))
    assert record is not None
    os.kill(record.jvm.pid, signal.SIGKILL)
    wait_for(lambda: find_running(own_home) is None)
    second = SparkSession.builder.remote(ensure_running(own_home, timeout_s=180)).create()
    configure_iceberg(second, own_home)
    assert second.table("spark_catalog.default.kept").collect() == [(7,)]
    assert second.table("lake.pub.kept").collect() == [(8,)]
    second.stop()
    release(own_home)
    wait_for(lambda: not psutil.pid_exists(record.guardian.pid) and find_running(own_home) is None)


def configure_iceberg(session, home: Path) -> None:
    for key, value in {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".type": "jdbc",
        ".uri": f"jdbc:sqlite:{home}/catalog.db",
        ".warehouse": f"file://{home}/iceberg",
        ".jdbc.schema-version": "V1",
    }.items():
        session.conf.set(f"spark.sql.catalog.lake{key}", value)


ASK = """
import sys, time
from pathlib import Path
from penstock.services.spark_server import ensure_running
print(ensure_running(Path(sys.argv[1]), timeout_s=180), flush=True)
time.sleep(600)
"""


@pytest.mark.integration
def test_a_server_dies_with_its_last_owner_even_by_kill_9(own_home: Path):
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "include")}
    owners = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, str(own_home)], env=environ, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    urls = {owner.stdout.readline() for owner in owners if owner.stdout}
    assert len(urls) == 1, "two that ask at once share one server"
    owners[0].kill()
    time.sleep(2)
    assert find_running(own_home), "the other still uses it"
    record = read_record(Places(ROOT, own_home))
    owners[1].kill()
    wait_for(lambda: record is not None and not record.jvm.is_alive() and not record.guardian.is_alive())
    for owner in owners:
        owner.wait()
