"""A folder as a source."""

from __future__ import annotations

import gzip
from pathlib import Path

import fsspec
import pytest

from penstock.errors import ContractError, RecipeError, SourceError
from penstock.ingest.folder import FolderSource
from penstock.lake import Lake
from penstock.locations import Connection


def read(source: FolderSource, lake: Lake, run_key: str = "2026-11-16") -> list[tuple[str, bytes]]:
    found = []
    for item in source.items(run_key, lake):
        with item.open() as stream:
            found.append((item.name, stream.read()))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    (inbox / "2026" / "11").mkdir(parents=True)
    (inbox / "b.txt").write_bytes(b"b")
    (inbox / "a.txt.gz").write_bytes(gzip.compress(b"a"))
    (inbox / "2026" / "11" / "2026-11-16.txt").write_bytes(b"day")
    (inbox / "2026" / "11" / "2026-11-17.txt").write_bytes(b"next day")
    return inbox


def test_yields_every_file_below_in_the_order_of_paths(folder: Path, lake: Lake) -> None:
    assert read(FolderSource(path=str(folder)), lake) == [
        ("2026/11/2026-11-16.txt", b"day"),
        ("2026/11/2026-11-17.txt", b"next day"),
        ("a.txt", b"a"),
        ("b.txt", b"b"),
    ]


@pytest.mark.parametrize(
    "pattern",
    ["{date:%Y/%m}/{run_key}.txt", "**/{run_key}.*", "????/[0-9]*/{run_key}.txt", "2026/11/{run_key}*"],
)
def test_the_day_picks_its_files(folder: Path, lake: Lake, pattern: str) -> None:
    found = read(FolderSource(path=f"{folder}/{pattern}"), lake)
    assert [(name.rsplit("/", 1)[-1], content) for name, content in found] == [("2026-11-16.txt", b"day")]


def test_a_uri_of_any_filesystem_will_do(lake: Lake) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/inbox-test/x.txt", b"x")
    try:
        items = list(FolderSource(path="memory://inbox-test").items("2026-11-16", lake))
        assert [(item.name, item.origin_uri) for item in items] == [("x.txt", "memory:///inbox-test/x.txt")]
    finally:
        memory.rm("/inbox-test", recursive=True)


def test_a_connection_opens_the_store_and_no_dump_of_the_source_shows_it(lake: Lake) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/inbox-test/x.txt", b"x")
    conn = Connection(
        conn_type="generic", password="hunter2", extra_dejson={"options": {"secret": "hunter2"}}
    )
    try:
        source = FolderSource(path="memory://inbox-test", connection="my_store").connected(
            {"my_store": conn}.__getitem__
        )
        assert read(source, lake) == [("x.txt", b"x")]
        assert "hunter2" not in f"{source!r} {source.model_dump_json()}"
    finally:
        memory.rm("/inbox-test", recursive=True)


def test_a_source_without_a_connection_asks_for_none() -> None:
    source = FolderSource(path="/inbox")
    assert source.connected(lambda name: pytest.fail(name)) is source


def test_a_store_connection_with_a_path_elsewhere_is_refused() -> None:
    source = FolderSource(path="/inbox", connection="my_store")
    with pytest.raises(RecipeError, match="expected a path s3://bucket/prefix with the connection my_store"):
        source.connected(lambda _: Connection(conn_type="aws"))


def test_keeps_the_size_as_provenance(folder: Path, lake: Lake) -> None:
    (item,) = FolderSource(path=f"{folder}/b.txt").items("2026-11-16", lake)
    assert item.provenance["size"] == 1
    assert item.origin_uri == f"file://{folder}/b.txt"


def test_a_folder_that_is_not_there_is_tried_again(tmp_path: Path, lake: Lake) -> None:
    for path in (f"{tmp_path}/nowhere", f"{tmp_path}/nowhere/*.txt"):
        with pytest.raises(SourceError, match=r"expected a folder at .*nowhere"):
            list(FolderSource(path=path).items("2026-11-16", lake))


def test_an_empty_folder_has_no_files_unless_some_were_promised(tmp_path: Path, lake: Lake) -> None:
    (tmp_path / "empty").mkdir()
    assert read(FolderSource(path=f"{tmp_path}/empty"), lake) == []
    with pytest.raises(ContractError, match=r"at least 2 files at .*empty, found 0"):
        list(FolderSource(path=f"{tmp_path}/empty", min_files=2).items("2026-11-16", lake))


def test_a_file_that_vanished_is_tried_again(folder: Path, lake: Lake) -> None:
    (item,) = FolderSource(path=f"{folder}/b.txt").items("2026-11-16", lake)
    (folder / "b.txt").unlink()
    with pytest.raises(SourceError, match=r"b\.txt.*it is gone"):
        item.open()


def test_a_truncated_gzip_is_named(folder: Path, lake: Lake) -> None:
    whole = gzip.compress(bytes(range(256)) * 1000)
    (folder / "a.txt.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ContractError, match=r"whole gzip file at file://.*/a\.txt\.gz"):
        read(FolderSource(path=f"{folder}/*.gz"), lake)


def test_an_unreadable_file_is_named(folder: Path, lake: Lake) -> None:
    (item,) = FolderSource(path=f"{folder}/b.txt").items("2026-11-16", lake)
    (folder / "b.txt").unlink()
    (folder / "b.txt").mkdir()  # a user's permissions do not stop root, a folder in the file's place does
    with pytest.raises(ContractError, match=r"expected to read file://.*b\.txt"):
        item.open()
