from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from penstock.archive.frames import read_frames
from penstock.archive.rows import Row, RowRules, SkippedError, row_of
from support.warc import digest, http, page, record

MAX = 1 << 20


def row(content: bytes, **rules: object) -> Row:
    (frame,) = read_frames(io.BytesIO(content), max_bytes=MAX)
    return row_of(frame, RowRules.model_validate(rules), max_bytes=MAX)


def test_a_page_becomes_a_row():
    found = row(page("http://a.example/é", "hello"))
    assert (found.url, found.status, found.content_type, found.charset) == (
        "http://a.example/é", 200, "text/html", "utf-8",
    )  # fmt: skip
    assert found.crawled_at == datetime(2026, 11, 16, 10, tzinfo=UTC)
    assert (found.digest, found.flags, found.record_type) == ("ok", None, "response")
    assert b"<p>hello</p>" in found.payload


def test_a_wrong_digest_is_kept_and_flagged():
    found = row(page("http://a.example/", "hello", WARC_Payload_Digest=digest(b"something else")))
    assert (found.digest, found.flags) == ("wrong", "wrong_digest")
    block = row(page("http://a.example/", "hello", WARC_Block_Digest=digest(b"something else")))
    assert block.digest == "wrong"


def test_a_digest_of_the_body_with_or_without_chunks_is_right():
    chunked = b"5\r\nhello\r\n0\r\n\r\n"
    for promised in (digest(chunked), digest(b"hello")):
        block = http(chunked, Transfer_Encoding="chunked")
        found = row(record("response", "http://a.example/", block, WARC_Payload_Digest=promised))
        assert (found.digest, found.payload) == ("ok", b"hello")


def test_text_of_a_wet_file_is_a_row():
    found = row(record("conversion", "http://a.example/", "schön".encode()))
    assert (found.content_type, found.charset, found.payload.decode()) == ("text/plain", "utf-8", "schön")


@pytest.mark.parametrize(
    ("content", "rules", "reason"),
    [
        (record("request", "http://a.example/", b"GET / HTTP/1.1"), {}, "skipped:request"),
        (record("revisit", "http://a.example/", http(b"")), {}, "skipped:revisit"),
        (record("metadata", "http://a.example/", b"a: b"), {}, "skipped:metadata"),
        (record("warcinfo", "x", b"a: b"), {}, "skipped:warcinfo"),
        (record("evil\x01", "x", b"a: b"), {}, "skipped:unknown_type"),
        (record("response", "http://a.example/", http(b"x", status=404)), {"statuses": [200]}, "skipped:status"),
        (record("response", "http://a.example/", http(b"x", "image/png")), {"content_types": ["text/"]},
         "skipped:content_type"),
    ],
)  # fmt: skip
def test_leaves_out_by_reason(content, rules, reason):
    with pytest.raises(SkippedError) as skipped:
        row(content, **rules)
    assert skipped.value.reason == reason


def test_oddities_are_flagged():
    found = row(
        record("response", "<http://a.example/>", b"no http", WARC_Date="yesterday", WARC_Truncated="length")
    )
    assert (found.flags, found.url, found.crawled_at) == (
        "not_http,truncated,bad_date", "http://a.example/", None,
    )  # fmt: skip
    assert (
        row(record("response", "dns:a.example", b"a 1 IN A 1.2.3.4", Content_Type="text/dns")).flags is None
    )


def test_without_a_content_type_the_bytes_decide():
    assert (
        row(record("resource", "http://a.example/", b"<!doctype html><p>x", Content_Type=None)).content_type
        == "text/html"
    )
    assert row(record("resource", "http://a.example/", b"", Content_Type=None)).content_type is None


def test_robots_of_the_header_are_kept():
    found = row(record("response", "http://a.example/", http(b"x", X_Robots_Tag="noai, noimageai")))
    assert found.robots == "noai, noimageai"
