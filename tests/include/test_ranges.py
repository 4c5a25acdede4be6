"""A remote file read by ranges: from a real server that cuts, and that changes the file half way."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator

import fsspec
import pytest

from penstock.archive.frames import read_frames
from penstock.errors import ContractError, SourceError
from penstock.ingest.compression import open_plain
from penstock.ranges import RangeReader
from penstock.stores import ChangedError, Store
from support.range_server import Site, served
from support.warc import packed, page

pytestmark = pytest.mark.usefixtures("short_waits")

BODY = os.urandom(300_000)
BLOCK = 64 << 10


@pytest.fixture
def site() -> Iterator[Site]:
    with served(BODY) as site:
        yield site


def reader(site: Site, block_bytes: int = BLOCK) -> RangeReader:
    return RangeReader(Store(site.url), site.url, block_bytes=block_bytes, attempts=4)


def test_every_byte_comes_once_and_only_a_block_is_held(site: Site) -> None:
    with reader(site) as stream:
        assert stream.size == len(BODY)
        assert stream.read() == BODY
        assert stream.read(10) == b""
    assert site.gets == -(-len(BODY) // BLOCK)


def test_a_seek_asks_for_nothing_between(site: Site) -> None:
    with reader(site) as stream:
        assert stream.seek(200_000) == stream.tell() == 200_000
        assert stream.read(10) == BODY[200_000:200_010]
        assert stream.seek(-5, io.SEEK_END) == len(BODY) - 5
        assert stream.read(10) == BODY[-5:]
        assert stream.seek(3) == 3
        assert stream.seek(4, io.SEEK_CUR) == 7
        assert stream.read(1) == BODY[7:8]
    assert site.gets == 3


def test_cut_connections_are_no_loss(site: Site) -> None:
    site.cuts = 3
    with reader(site) as stream:
        assert stream.read() == BODY
    assert site.gets == -(-len(BODY) // BLOCK) + 3


def test_a_server_that_only_cuts_is_named_after_some_attempts(site: Site) -> None:
    site.cuts = 10**6
    with (
        reader(site) as stream,
        pytest.raises(SourceError, match=r"expected an answer for http://.*a\.warc\.gz"),
    ):
        stream.read()


@pytest.mark.parametrize("cuts", [0, 1])
def test_parts_of_two_versions_are_never_one_file(site: Site, cuts: int) -> None:
    site.changes_at, site.cuts = 3, cuts
    with (
        reader(site) as stream,
        pytest.raises(ChangedError, match=r'ETag "v1" → "v2"; nothing of it was used'),
    ):
        stream.read()


def test_one_that_stops_early_can_ask(site: Site) -> None:
    with reader(site) as stream:
        stream.read(10)
        stream.check()
        site.body += b"x"
        with pytest.raises(ChangedError, match="size 300000 → 300001"):
            stream.check()


def test_a_file_that_vanishes_is_no_end() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/ranges-test/a", BODY)
    with RangeReader(Store("memory://ranges-test"), "/ranges-test/a", block_bytes=BLOCK) as stream:
        stream.read(10)
        memory.rm("/ranges-test", recursive=True)
        with pytest.raises(ChangedError, match="got no file any more"):
            stream.read()


def test_trouble_of_the_store_is_not_taken_for_damage_of_the_file() -> None:
    """Neither by the unpacker nor by the parser of archives, which count damage and go on."""
    pages = packed(*[page(f"http://a.example/{n}", os.urandom(500).hex()) for n in range(300)])
    for content, read in (
        (gzip.compress(BODY), _unpacked),
        (pages, _frames),
        (gzip.decompress(pages), _frames),
    ):
        with served(content) as site, pytest.raises(SourceError, match="expected an answer for"):
            site.cuts = 10**6
            list(read(reader(site, len(content) // 3)))


def _unpacked(stream: RangeReader) -> Iterator[bytes]:
    try:
        with open_plain(stream, "x.gz", "infer") as plain:  # type: ignore[arg-type]
            yield plain.read()
    except ContractError as error:
        message = "the cut connection was taken for a damaged file"
        raise AssertionError(message) from error


def _frames(stream: RangeReader) -> Iterator[object]:
    for frame in read_frames(stream, max_bytes=1 << 20):  # type: ignore[arg-type]
        assert not frame.bad
        yield frame
