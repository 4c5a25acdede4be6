"""Compressed sources are unpacked on the way, and damage is named."""

from __future__ import annotations

import bz2
import gzip
import io
import os
from collections.abc import Callable

import pytest
import zstandard

from penstock.errors import ContractError
from penstock.ingest.compression import Compression, open_plain, plain_name

PACKERS = [(".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstandard.compress)]
CONTENT = os.urandom(200_000).hex().encode()


def unpack(content: bytes, name: str, compression: Compression = "infer") -> bytes:
    with open_plain(io.BytesIO(content), f"file:///in/{name}", compression) as stream:
        return stream.read()


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_unpacks_by_suffix(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    assert unpack(pack(CONTENT), "a" + suffix) == CONTENT
    assert unpack(pack(CONTENT) + pack(b"more"), "A" + suffix.upper()) == CONTENT + b"more"
    assert plain_name("day.csv" + suffix, "infer") == "day.csv"


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
@pytest.mark.parametrize("lost", [1, 4, 5000])
def test_a_file_that_was_cut_is_named(suffix: str, pack: Callable[[bytes], bytes], lost: int) -> None:
    with pytest.raises(ContractError, match=r"expected a whole .* file at file:///in/a.*Truncated") as caught:
        unpack(pack(CONTENT)[:-lost], "a" + suffix)
    assert caught.value.sample_uri == f"file:///in/a{suffix}"


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_a_file_that_is_something_else_is_named(suffix: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ContractError, match="file:///in/a"):
        unpack(b"this is no archive at all", "a" + suffix)


def test_nothing_is_unpacked_when_told_so() -> None:
    packed = gzip.compress(CONTENT)
    assert unpack(packed, "a.gz", "none") == packed
    assert plain_name("a.gz", "none") == "a.gz"


@pytest.mark.parametrize("name", ["a.txt", "gz", "a.gz?query=1"])
def test_other_names_are_read_as_they_are(name: str) -> None:
    content = gzip.compress(b"x") if "?" in name else b"plain"
    assert unpack(content, name) == (b"x" if "?" in name else b"plain")


def test_an_empty_file_is_empty() -> None:
    assert unpack(b"", "a.gz") == b""
