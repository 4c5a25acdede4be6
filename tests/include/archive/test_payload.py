from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard

from penstock.archive.payload import (
    PayloadError,
    parse_response,
    without_content_encoding,
    without_transfer_encoding,
)
from support.warc import http

BODY = b"<p>hello</p>" * 100
MAX = 1 << 20


def body_of(block: bytes) -> bytes:
    response = parse_response(block)
    assert response is not None
    return without_transfer_encoding(response)


def test_reads_status_headers_and_body():
    response = parse_response(http(BODY, status=404, X_Robots_Tag="noai"))
    assert response is not None
    assert (response.status, response.body) == (404, BODY)
    assert response.headers["x-robots-tag"] == "noai"


@pytest.mark.parametrize(
    ("block", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\nA: b\n\nbody", 200, b"body"),
        (b"HTTP/1.1 99999 ?\r\n\r\n", None, b""),
        (b"HTTP/1.1", None, b""),
        (b"HTTP/1.1 200 OK\r\nno colon\r\nA: \xff\xfe\r\n\r\nbody", 200, b"body"),
    ],
)
def test_bad_heads_are_read_as_far_as_they_go(block, status, body):
    response = parse_response(block)
    assert response is not None
    assert (response.status, response.body) == (status, body)


def test_what_is_no_response_is_none():
    assert parse_response(b"<html>") is None
    assert parse_response(b"") is None


def test_removes_chunks_and_leaves_what_has_none():
    chunked = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"
    assert body_of(http(chunked, Transfer_Encoding="chunked")) == b"hello world"
    assert body_of(http(b"hello", Transfer_Encoding="chunked")) == b"hello"
    assert body_of(http(b"ffff\r\nhel", Transfer_Encoding="chunked")) == b"hel"
    assert body_of(http(b"", Transfer_Encoding="chunked")) == b""


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY)), ("x-gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]), ("zstd", zstandard.ZstdCompressor().compress(BODY)),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY))), ("identity", BODY), ("gzip", BODY),
        ("br", BODY), ("what", BODY),
    ],
)  # fmt: skip
def test_unpacks_every_encoding_and_leaves_what_is_not_packed(encoding, packed):
    assert without_content_encoding(packed, encoding, max_bytes=MAX) == BODY


def test_damage_and_bombs_are_named():
    with pytest.raises(PayloadError, match="bad_content_encoding"):
        without_content_encoding(gzip.compress(BODY)[:10] + b"\xff" * 50, "gzip", max_bytes=MAX)
    with pytest.raises(PayloadError, match="bad_content_encoding"):
        without_content_encoding(b"\x8b\xff\x00" * 50, "br", max_bytes=MAX)
    bomb = gzip.compress(b"\0" * 50_000_000)
    with pytest.raises(PayloadError, match="oversized_payload"):
        without_content_encoding(bomb, "gzip", max_bytes=MAX)
    with pytest.raises(PayloadError, match="oversized_payload"):
        without_content_encoding(
            zstandard.ZstdCompressor().compress(b"\0" * 50_000_000), "zstd", max_bytes=MAX
        )
