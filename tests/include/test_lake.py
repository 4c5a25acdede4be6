"""Law 2, all or nothing: a reader sees a whole attempt or none of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.errors import ContractError, CorruptionError, StorageError
from penstock.lake import Attempt, Lake, storage_errors
from penstock.manifest import Manifest, Zone
from penstock.receipt import Outcome

NOW = datetime(2026, 11, 16, tzinfo=UTC)


def publish(lake: Lake, attempt: Attempt, rows: int) -> Manifest:
    manifest = Manifest(
        zone=attempt.zone, dataset=attempt.dataset, run_key=attempt.run_key, attempt=attempt.id,
        fingerprint="f", files=tuple(attempt.files), recipe_hash="r", code_version="0", started_at=NOW,
        finished_at=NOW, outcome=Outcome(rows_in=rows, rows_out=rows),
    )  # fmt: skip
    lake.publish(manifest)
    return manifest


def test_an_attempt_is_unseen_until_it_is_published(lake: Lake):
    attempt = lake.attempt(Zone.LANDING, "x", "2026-11-16", "a1")
    with attempt.create("f.txt", rows=2) as stream:
        stream.write(b"one\ntwo\n")
    assert lake.find_manifest(Zone.LANDING, "x", "2026-11-16") is None
    assert lake.run_keys(Zone.LANDING, "x") == []
    published = publish(lake, attempt, 2)
    assert lake.manifest(Zone.LANDING, "x", "2026-11-16") == published
    assert lake.run_keys(Zone.LANDING, "x") == ["2026-11-16"]
    assert lake.datasets(Zone.LANDING) == ["x"]


def test_a_file_entry_has_the_bytes_and_digest_of_what_was_written(lake: Lake):
    attempt = lake.attempt(Zone.LANDING, "x", "2026-11-16", "a1")
    content = b"\x00\xff" * 700_000
    with attempt.create("f.bin", rows=None) as stream:
        for start in range(0, len(content), 99_991):
            stream.write(content[start : start + 99_991])
    (entry,) = attempt.files
    assert (entry.bytes, entry.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_file_that_breaks_off_is_no_entry(lake: Lake):
    attempt = lake.attempt(Zone.LANDING, "x", "2026-11-16", "a1")
    with pytest.raises(ZeroDivisionError), attempt.create("f.txt") as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert attempt.files == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b""), "0 found"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "found"),
        (lambda path: path.write_bytes(b"X" + path.read_bytes()[1:]), "sha256 differs"),
    ],
)
def test_verify_names_a_file_that_is_not_as_published(lake: Lake, damage, problem: str):
    attempt = lake.attempt(Zone.RAW, "x", "2026-11-16", "a1")
    with attempt.create("f.txt", rows=1) as stream:
        stream.write(b"one\n")
    manifest = publish(lake, attempt, 1)
    lake.verify(manifest)
    damage(Path(lake.full(attempt.files[0].path)))
    with pytest.raises(CorruptionError, match=problem):
        lake.verify(manifest)
    assert not lake.is_intact(manifest)


def test_a_missing_manifest_says_which_stage_to_run(lake: Lake):
    with pytest.raises(ContractError, match=r"02_raw.*run the stage before this one"):
        lake.manifest(Zone.RAW, "x", "2026-11-16")


def test_adopt_takes_parquet_files_with_their_rows_and_leaves_the_rest(lake: Lake):
    attempt = lake.attempt(Zone.CLEAN, "x", "2026-11-16", "a1")
    for folder, rows in (("outcome=kept", 3), ("outcome=dropped", 2)):
        target = Path(lake.full(attempt.path(folder)))
        target.mkdir(parents=True)
        parquet.write_table(pa.table({"n": list(range(rows))}), target / f"part-{rows}.parquet")
        (target / ".part.crc").write_bytes(b"x")
        (target / "_SUCCESS").write_bytes(b"")
    attempt.adopt("outcome=kept")
    attempt.adopt("outcome=dropped", zone=Zone.DROPPED)
    assert [(entry.zone, entry.rows) for entry in attempt.files] == [("03_clean", 3), ("dropped", 2)]
    for entry in attempt.files:
        assert lake.sha256(entry.path) == entry.sha256


def test_discard_leaves_nothing_in_any_zone(lake: Lake):
    attempt = lake.attempt(Zone.CLEAN, "x", "2026-11-16", "a1")
    for zone in (Zone.CLEAN, Zone.DROPPED, Zone.QUARANTINE):
        with attempt.create("f", zone=zone) as stream:
            stream.write(b"x")
    attempt.discard()
    attempt.discard()
    assert not [p for p in Path(lake.root).rglob("*") if p.is_file()]


def test_a_full_disk_is_a_storage_error_that_says_where():
    with pytest.raises(StorageError, match=r"/dev/full.*free space"), storage_errors("/dev/full"):
        Path("/dev/full").write_bytes(b"x")


def test_another_os_error_stays_what_it_is():
    with pytest.raises(PermissionError), storage_errors("x"):
        raise PermissionError(13, "no")


def test_the_same_code_works_on_another_filesystem():
    lake = Lake("memory://lake-test")
    attempt = lake.attempt(Zone.LANDING, "x", "2026-11-16", "a1")
    with attempt.create("f.txt", rows=1) as stream:
        stream.write(b"one\n")
    manifest = publish(lake, attempt, 1)
    assert lake.manifest(Zone.LANDING, "x", "2026-11-16") == manifest
    lake.verify(manifest)
    with lake.open(manifest.files[0].path) as stream:
        assert (stream.readline(2), stream.readline()) == (b"on", b"e\n")
    attempt.discard()
    with pytest.raises(CorruptionError, match="missing"):
        lake.verify(manifest)


@pytest.mark.parametrize("uri", ["file://{}/lake", "memory://pieces{}"])
def test_a_file_that_comes_in_pieces_is_there_whole_or_not_at_all(tmp_path: Path, uri: str):
    lake = Lake(uri.format(tmp_path))

    def broken() -> Iterator[bytes]:
        yield b"new"
        raise ZeroDivisionError

    lake.write_atomically("a/file", iter([b"one ", memoryview(b"two")]))
    assert lake.fs.cat_file(lake.full("a/file")) == b"one two"
    for path in ("a/file", "a/other"):
        with pytest.raises(ZeroDivisionError):
            lake.write_atomically(path, broken())
    names = [full.rsplit("/", 1)[1] for full in lake.fs.find(lake.full("a"))]
    assert "other" not in names
    assert names in (
        ["file"],
        [],
    )  # an object store has no rename: there a file that is written again may be lost
    if uri.startswith("file"):
        assert lake.fs.cat_file(lake.full("a/file")) == b"one two"
