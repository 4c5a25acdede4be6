"""The cache: whole or not at all, checked at each use, shared by processes."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import time
from pathlib import Path

import fsspec
import pytest

from penstock.errors import CorruptionError, SourceError
from penstock.ingest.cache import Cache, key_of, sha256_of
from penstock.lake import Lake

CONTENT = b"some bytes"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def cache(lake: Lake) -> Cache:
    return Cache(lake)


def test_gives_back_what_was_put(cache: Cache) -> None:
    assert not cache.has(DIGEST)
    assert cache.put(io.BytesIO(CONTENT)) == (DIGEST, len(CONTENT))
    assert cache.has(DIGEST)
    with cache.opener(DIGEST)() as stream:
        assert stream.read() == CONTENT


def test_the_same_content_twice_is_one_blob(cache: Cache) -> None:
    for _ in range(2):
        cache.put(io.BytesIO(CONTENT))
    blobs = [path for path in Path(cache.lake.full("01_landing/_cache/blobs")).rglob("*") if path.is_file()]
    assert [path.name for path in blobs] == [DIGEST]
    assert list(cache.folder.iterdir()) == []


def test_a_damaged_blob_is_found_and_removed(cache: Cache) -> None:
    cache.put(io.BytesIO(CONTENT))
    blob = Path(cache.lake.full(f"01_landing/_cache/blobs/{DIGEST[:2]}/{DIGEST}"))
    blob.write_bytes(b"some bytez")
    with pytest.raises(SourceError, match="it is gone; run the task again"):
        cache.opener(DIGEST)()
    assert not blob.exists()


def test_a_stream_that_breaks_leaves_nothing(cache: Cache) -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: object) -> int:
            message = "broken"
            raise EOFError(message)

    with pytest.raises(EOFError):
        cache.put(io.BufferedReader(Broken()))
    assert list(cache.folder.iterdir()) == []


def test_notes_come_back_and_a_broken_one_is_none(cache: Cache) -> None:
    assert cache.recall("k") == {}
    cache.note("k", {"etag": "x"})
    assert cache.recall("k") == {"etag": "x"}
    for garbage in (b"", b"[1]", b"{", b"\xff"):
        cache.lake.write_atomically("01_landing/_cache/notes/k.json", garbage)
        assert cache.recall("k") == {}


def test_works_in_a_lake_that_is_no_local_folder() -> None:
    lake = Lake("memory://cache-test-lake")
    cache = Cache(lake)
    try:
        cache.put(io.BytesIO(CONTENT))
        assert cache.has(DIGEST)
        assert list(cache.folder.glob("*")) == []
    finally:
        fsspec.filesystem("memory").rm("/cache-test-lake", recursive=True)


def hold(uri: str, is_held: str) -> None:
    with Cache(Lake(uri)).lock("k", 5):
        Path(is_held).touch()
        time.sleep(60)


def test_a_lock_is_waited_for_with_a_bound_and_dies_with_its_holder(cache: Cache, tmp_path: Path) -> None:
    is_held = tmp_path / "is_held"
    process = multiprocessing.get_context("spawn").Process(target=hold, args=(cache.lake.uri, str(is_held)))
    process.start()
    deadline = time.monotonic() + 60
    while not is_held.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(SourceError, match=r"within 0\.2 s"), cache.lock("k", 0.2):
        pytest.fail("two processes held it")
    process.kill()
    process.join(10)
    with cache.lock("k", 5):
        assert process.exitcode == -9


def test_keys_of_parts_do_not_run_into_each_other() -> None:
    assert key_of("ab", "c") != key_of("a", "bc")


def test_a_download_that_was_cleaned_away_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorruptionError, match="it is gone"):
        sha256_of(tmp_path / "nothing")
