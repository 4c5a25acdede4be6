"""The archive of Java classes: Java takes the one that set-up made, and does without a spoiled one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from penstock.errors import PenstockError
from penstock.services import class_archive, spark_jvm
from penstock.services.environment import Places
from penstock.services.jars import find_java
from penstock.services.spark_jvm import SparkServer

ROOT = Path(__file__).parents[3]
INSTALLED = Places(ROOT, ROOT / ".penstock")


def java(*options: str, class_path: str) -> subprocess.CompletedProcess[str]:
    command = [str(find_java()), "-XX:+UseSerialGC", *options, "-cp", class_path, "-version"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_java_maps_the_archive_that_set_up_made():
    server = SparkServer(INSTALLED, 1)
    assert server.java_options == (f"-XX:SharedArchiveFile={INSTALLED.class_archive}",)
    done = java("-Xshare:on", *server.java_options, class_path=server.class_path)  # on: else it is an error
    assert done.returncode == 0, done.stdout + done.stderr


def test_java_does_without_an_archive_that_was_spoiled_or_is_of_other_jars(tmp_path: Path):
    spoiled = tmp_path / "spoiled.jsa"
    spoiled.write_bytes(b"\x00" * 100_000)
    for archive, class_path in ((spoiled, "x.jar"), (INSTALLED.class_archive, "another.jar")):
        assert java(f"-XX:SharedArchiveFile={archive}", class_path=class_path).returncode == 0
        assert java("-Xshare:on", f"-XX:SharedArchiveFile={archive}", class_path=class_path).returncode != 0


def test_without_an_archive_java_is_told_of_none(tmp_path: Path):
    assert SparkServer(Places(tmp_path, tmp_path / "home"), 1).java_options == ()


def test_a_failure_says_what_java_said_and_leaves_the_archive_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    places = Places(tmp_path, tmp_path / "home")
    places.class_archive.parent.mkdir(parents=True)
    places.class_archive.write_text("the one before")
    monkeypatch.setattr(class_archive, "_use", lambda server: None)
    monkeypatch.setattr(class_archive, "find_java", lambda: Path("false"))
    monkeypatch.setattr(spark_jvm, "ensure_jars", lambda folder: [])
    with pytest.raises(PenstockError, match="expected Java to archive its classes"):
        class_archive.make(places)
    assert places.class_archive.read_text() == "the one before"
    assert [path.name for path in places.class_archive.parent.iterdir()] == [places.class_archive.name]


def test_the_day_that_loads_the_classes_ends_in_a_table(spark: object, penstock_home: Path, tmp_path: Path):
    from penstock.services.spark_server import find_running

    remote = find_running(penstock_home)
    assert remote is not None
    assert class_archive.work_a_day(remote, tmp_path) == class_archive.DOCUMENTS
