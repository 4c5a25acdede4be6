"""Jars are placed whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from penstock.errors import PenstockError, SourceError
from penstock.services import jars
from penstock.services.jars import Jar, ensure_jars, fetch_with_ivy, read_lock


def jar(name: str, content: bytes) -> Jar:
    return Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest())


ONE, TWO = jar("one", b"one"), jar("two", b"two")


class Repository:
    """Serves each jar's name as its content, unless told otherwise."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = contents
        self.asked: list[str] = []

    def __call__(self, wanted: Sequence[Jar], folder: Path) -> None:
        for one in wanted:
            self.asked.append(one.name)
            (folder / one.file_name).write_bytes(self.contents.get(one.name, one.name.encode()))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_fetches_what_is_missing_and_then_nothing(tmp_path: Path):
    repository = Repository()
    assert ensure_jars(tmp_path, [ONE, TWO], fetch=repository) == [ONE, TWO]
    assert ensure_jars(tmp_path, [ONE, TWO], fetch=repository) == []
    assert repository.asked == ["one", "two"]
    assert names(tmp_path) == ["one-1.0.jar", "two-1.0.jar"]


def test_a_corrupted_jar_is_fetched_again_alone(tmp_path: Path):
    ensure_jars(tmp_path, [ONE, TWO], fetch=Repository())
    (tmp_path / "two-1.0.jar").write_bytes(b"tw")
    assert ensure_jars(tmp_path, [ONE, TWO], fetch=Repository()) == [TWO]
    assert (tmp_path / "two-1.0.jar").read_bytes() == b"two"


def test_a_download_of_other_bytes_is_refused_and_leaves_nothing(tmp_path: Path):
    with pytest.raises(PenstockError) as caught:
        ensure_jars(tmp_path, [ONE], fetch=Repository(one=b"evil"))
    for word in (ONE.sha256, hashlib.sha256(b"evil").hexdigest(), "org.example:one:1.0", str(tmp_path)):
        assert word in str(caught.value)
    assert names(tmp_path) == []


def test_a_download_that_brings_no_file_is_refused(tmp_path: Path):
    with pytest.raises(PenstockError, match="got no file"):
        ensure_jars(tmp_path, [ONE], fetch=lambda wanted, folder: None)


def test_two_at_once_fetch_once(tmp_path: Path):
    repository = Repository()
    threads = [
        threading.Thread(target=ensure_jars, args=(tmp_path, [ONE]), kwargs={"fetch": repository})
        for _ in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert repository.asked == ["one"]


def test_what_a_killed_fetch_left_is_removed(tmp_path: Path):
    (tmp_path / ".fetch-killed").mkdir()
    ensure_jars(tmp_path, [ONE], fetch=Repository())
    assert names(tmp_path) == ["one-1.0.jar"]


def test_a_failing_ivy_is_quoted_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jars, "_ivy_command", lambda *_: ["sh", "-c", "echo UNRESOLVED; exit 1"])
    with pytest.raises(SourceError) as caught:
        fetch_with_ivy([ONE], tmp_path / ".fetch-1")
    for word in ("UNRESOLVED", "https_proxy", ONE.sha256, "make setup", str(tmp_path)):
        assert word in str(caught.value)


def test_ivy_asks_for_the_jars_alone_through_the_machines_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    store = tmp_path / "cacerts"
    store.touch()
    monkeypatch.setattr(jars, "MACHINE_TRUST_STORE", store)
    command = jars._ivy_command([ONE], tmp_path / "out", tmp_path)
    assert "-Dhttps.proxyHost=proxy.example" in command
    assert "-Dhttps.proxyPort=3128" in command
    assert f"-Djavax.net.ssl.trustStore={store}" in command
    assert (
        'name="one" rev="1.0" conf="default->master" transitive="false"' in (tmp_path / "ivy.xml").read_text()
    )


def test_the_committed_lock_names_iceberg_sqlite_and_what_s3_needs():
    names = [one.name for one in read_lock()]
    assert names[:3] == ["iceberg-spark-runtime-4.1_2.13", "sqlite-jdbc", "hadoop-aws"]
    shipped = {path.name for path in (jars.find_spark_home() / "jars").glob("hadoop-client-api-*.jar")}
    versions = {one.name: one.revision for one in read_lock()}
    assert shipped == {f"hadoop-client-api-{versions['hadoop-aws']}.jar"}
    assert len({one.revision for one in read_lock() if one.organisation == "software.amazon.awssdk"}) == 1


@pytest.mark.parametrize(
    "line", ["org:name 00", "org:name:1", f"org:name:1 {'0' * 63}", f"a:b:c:d {'0' * 64}"]
)
def test_a_malformed_lock_line_is_refused(line: str):
    with pytest.raises(PenstockError, match="expected `organisation:name:revision sha256`"):
        read_lock(f"# a comment\n\n{line}\n")
