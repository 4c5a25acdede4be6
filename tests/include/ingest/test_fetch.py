"""Fetching from a real server that misbehaves in every way that servers do."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from tests.include.ingest.conftest import WebServer, cut, respond, respond_with_ranges, sha256

from penstock.errors import ContractError, SourceError
from penstock.ingest.cache import Cache, key_of
from penstock.ingest.fetch import Fetched, Fetcher, MissingError, Network
from penstock.lake import Lake

pytestmark = pytest.mark.usefixtures("short_waits")

BODY = os.urandom(300_000)


@pytest.fixture
def cache(lake: Lake) -> Cache:
    return Cache(lake)


def fetcher(cache: Cache, **network: object) -> Fetcher:
    return Fetcher(cache, Network.model_validate({"read_timeout_s": 2, "attempts": 3, **network}))


def content(cache: Cache, found: Fetched) -> bytes:
    with cache.open(found.sha256) as stream:
        return stream.read()


def in_turn(*answers: object) -> object:
    left: Iterator[object] = iter(answers)
    last = answers[-1]
    return lambda handler: next(left, last)(handler)  # type: ignore[operator]


def test_fetches_a_file(web: WebServer, cache: Cache) -> None:
    found = fetcher(cache).fetch(web.send("/a", BODY, Content_Type="text/csv"))
    assert (found.sha256, found.bytes, found.content_type, found.is_new) == (
        sha256(BODY),
        len(BODY),
        "text/csv",
        True,
    )
    assert content(cache, found) == BODY
    assert [path.suffix for path in cache.folder.iterdir()] in ([], [".lock"])


def test_an_empty_file_is_a_file(web: WebServer, cache: Cache) -> None:
    assert fetcher(cache).fetch(web.send("/empty", b"")).bytes == 0


def test_an_unchanged_file_is_not_sent_again(web: WebServer, cache: Cache) -> None:
    url = web.answer("/a", lambda handler: respond_with_ranges(handler, BODY, '"v1"'))
    first, second = fetcher(cache).fetch(url), fetcher(cache).fetch(url)
    assert [first.is_new, second.is_new] == [True, False]
    assert first.sha256 == second.sha256
    assert web.seen[1]["if-none-match"] == '"v1"'


def test_last_modified_is_asked_for_as_well(web: WebServer, cache: Cache) -> None:
    moment = "Mon, 16 Nov 2026 12:00:00 GMT"
    url = web.send("/a", BODY, Last_Modified=moment)
    for _ in range(2):
        fetcher(cache).fetch(url)
    assert [request.get("if-modified-since") for request in web.seen] == [None, moment]


def test_a_changed_file_is_fetched_anew(web: WebServer, cache: Cache) -> None:
    url = web.answer("/a", lambda handler: respond_with_ranges(handler, BODY, '"v1"'))
    fetcher(cache).fetch(url)
    web.answer("/a", lambda handler: respond_with_ranges(handler, b"new", '"v2"'))
    assert content(cache, fetcher(cache).fetch(url)) == b"new"


def test_a_damaged_cached_file_is_fetched_anew(web: WebServer, cache: Cache) -> None:
    url = web.answer("/a", lambda handler: respond_with_ranges(handler, BODY, '"v1"'))
    found = fetcher(cache).fetch(url)
    Path(cache.lake.full(f"01_landing/_cache/blobs/{found.sha256[:2]}/{found.sha256}")).write_bytes(b"x")
    assert content(cache, fetcher(cache).fetch(url)) == BODY


def test_with_a_known_digest_no_server_is_asked(web: WebServer, cache: Cache) -> None:
    url = web.send("/a", BODY)
    for _ in range(2):
        fetcher(cache).fetch(url, sha256=sha256(BODY))
    assert len(web.seen) == 1


@pytest.mark.parametrize("etag", ['"v1"', None, 'W/"v1"'])
def test_a_cut_in_the_middle_goes_on_or_starts_anew(web: WebServer, cache: Cache, etag: str | None) -> None:
    whole = (
        (lambda handler: respond_with_ranges(handler, BODY, etag))
        if etag
        else (lambda handler: respond(handler, BODY))
    )
    url = web.answer("/a", in_turn(lambda handler: cut(handler, BODY, 100_000, etag), whole))
    assert content(cache, fetcher(cache).fetch(url)) == BODY
    resumed = [request.get("range") for request in web.seen]
    assert resumed == ([None, "bytes=100000-"] if etag == '"v1"' else [None, None])


def test_a_cut_goes_on_in_a_later_task(web: WebServer, cache: Cache) -> None:
    url = web.answer("/a", lambda handler: cut(handler, BODY, 100_000, '"v1"'))
    with pytest.raises(SourceError, match="expected the whole content"):
        fetcher(cache, attempts=1).fetch(url)
    web.answer("/a", lambda handler: respond_with_ranges(handler, BODY, '"v1"'))
    assert content(cache, fetcher(cache, attempts=1).fetch(url)) == BODY
    assert web.seen[-1]["range"] == "bytes=100000-"
    assert web.seen[-1]["if-range"] == '"v1"'


def test_a_server_without_ranges_sends_it_all_again(web: WebServer, cache: Cache) -> None:
    url = web.answer(
        "/a",
        in_turn(
            lambda handler: cut(handler, BODY, 9, '"v1"'), lambda handler: respond(handler, BODY, ETag='"v1"')
        ),
    )
    assert content(cache, fetcher(cache).fetch(url)) == BODY


def test_a_file_that_changed_between_two_parts_is_never_glued(web: WebServer, cache: Cache) -> None:
    new = BODY[::-1]
    url = web.answer(
        "/a",
        in_turn(
            lambda handler: cut(handler, BODY, 100_000, '"v1"'),
            lambda handler: respond_with_ranges(handler, new, '"v2"'),
        ),
    )
    assert content(cache, fetcher(cache).fetch(url)) == new


def test_a_server_that_ignores_if_range_is_found_out(web: WebServer, cache: Cache) -> None:
    new = BODY[::-1]

    def careless(handler: BaseHTTPRequestHandler) -> None:
        start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(new) - 1}/{len(new)}"
        respond(handler, new[start:], 206, ETag='"v2"', Content_Range=span)

    url = web.answer(
        "/a",
        in_turn(
            lambda handler: cut(handler, BODY, 100_000, '"v1"'),
            careless,
            lambda handler: respond(handler, new, ETag='"v2"'),
        ),
    )
    assert content(cache, fetcher(cache).fetch(url)) == new


def test_a_range_that_the_server_has_not_is_dropped(web: WebServer, cache: Cache) -> None:
    url = web.answer(
        "/a",
        in_turn(
            lambda handler: cut(handler, BODY, 100_000, '"v1"'),
            lambda handler: respond(handler, b"", 416),
            lambda handler: respond(handler, BODY),
        ),
    )
    assert content(cache, fetcher(cache).fetch(url)) == BODY


def test_parts_that_do_not_fit_the_digest_start_anew_once(web: WebServer, cache: Cache) -> None:
    url = web.answer("/a", lambda handler: respond_with_ranges(handler, BODY, '"v1"'))
    part = cache.partial(key_of(url))
    part.write_bytes(b"not the beginning of it")
    part.with_suffix(".json").write_text('{"etag": "\\"v1\\""}')
    assert content(cache, fetcher(cache).fetch(url, sha256=sha256(BODY))) == BODY


def test_a_wrong_digest_is_refused_and_not_kept(web: WebServer, cache: Cache) -> None:
    url = web.send("/a", BODY)
    with pytest.raises(ContractError, match=rf"expected sha256 {'0' * 64} of .*, got {sha256(BODY)}"):
        fetcher(cache).fetch(url, sha256="0" * 64)
    assert not cache.partial(key_of(url)).exists()
    assert len(web.seen) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_waits_as_long_as_the_server_asks(web: WebServer, cache: Cache, status: int) -> None:
    busy = in_turn(
        lambda handler: respond(handler, b"", status, Retry_After="1"), lambda handler: respond(handler, BODY)
    )
    url, start = web.answer("/a", busy), time.monotonic()
    assert content(cache, fetcher(cache).fetch(url)) == BODY
    assert 1 <= time.monotonic() - start < 5


def test_waits_until_the_date_that_the_server_names(web: WebServer, cache: Cache) -> None:
    def busy(handler: BaseHTTPRequestHandler) -> None:
        moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        respond(handler, b"", 503, Retry_After=moment)

    url, start = web.answer("/a", in_turn(busy, lambda handler: respond(handler, BODY))), time.monotonic()
    assert content(cache, fetcher(cache).fetch(url)) == BODY
    assert 0.9 <= time.monotonic() - start < 6


def test_a_wait_that_is_too_long_is_left_to_the_scheduler(web: WebServer, cache: Cache) -> None:
    url = web.send("/a", b"", 429, Retry_After="86400")
    with pytest.raises(SourceError, match="wish to wait 86400 s") as caught:
        fetcher(cache).fetch(url)
    assert caught.value.retry_after_s == 86400
    assert len(web.seen) == 1


@pytest.mark.parametrize("status", [500, 502, 504, 599])
def test_a_server_in_trouble_is_asked_a_few_times(web: WebServer, cache: Cache, status: int) -> None:
    url = web.send("/a", b"", status)
    with pytest.raises(SourceError, match=f"got status {status}"):
        fetcher(cache).fetch(url)
    assert len(web.seen) == 3


@pytest.mark.parametrize("status", [404, 410])
def test_nothing_at_the_address_is_no_reason_to_try_again(web: WebServer, cache: Cache, status: int) -> None:
    url = web.send("/a", b"", status)
    with pytest.raises(MissingError, match=f"got {status}"):
        fetcher(cache).fetch(url)
    assert len(web.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_no_reason_to_try_again(web: WebServer, cache: Cache, status: int) -> None:
    with pytest.raises(ContractError, match=f"got status {status}.*a retry cannot help"):
        fetcher(cache).fetch(web.send("/a", b"", status))


def test_a_server_that_is_silent_is_left_after_the_timeout(web: WebServer, cache: Cache) -> None:
    url, start = web.answer("/a", lambda _handler: time.sleep(5)), time.monotonic()
    with pytest.raises(SourceError, match="ReadTimeout"):
        fetcher(cache, read_timeout_s=0.3, attempts=2).fetch(url)
    assert time.monotonic() - start < 4


def test_a_server_that_drips_is_left_after_the_total(web: WebServer, cache: Cache) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        for _ in range(60):
            handler.wfile.write(b"x" * 5000)
            handler.wfile.flush()
            time.sleep(0.05)

    with pytest.raises(SourceError, match=r"within 0\.3 s"):
        fetcher(cache, total_s=0.3, attempts=1).fetch(web.answer("/a", drip))


def test_a_server_that_is_gone_is_tried_again(web: WebServer, cache: Cache) -> None:
    with pytest.raises(SourceError, match="ConnectError"):
        fetcher(cache).fetch("http://127.0.0.1:9/a")


@pytest.mark.parametrize("says_size", [True, False])
def test_a_file_over_the_bound_is_refused(web: WebServer, cache: Cache, says_size: bool) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(BODY)

    url = web.send("/a", BODY) if says_size else web.answer("/a", endless)
    with pytest.raises(ContractError, match=r"at most 0\.1 MB"):
        fetcher(cache, max_mb=0.1).fetch(url)
    assert not cache.partial(key_of(url)).exists()


def test_html_in_the_place_of_json_is_refused_and_not_cached(web: WebServer, cache: Cache) -> None:
    url = web.send("/a.json", b"<!doctype html><title>Sign in</title>")
    for _ in range(2):
        with pytest.raises(ContractError, match=r"expected json at .*a\.json, got HTML"):
            fetcher(cache).fetch(url, promise="json")
    assert len(web.seen) == 2


def test_redirects_are_followed_up_to_a_bound(web: WebServer, cache: Cache) -> None:
    web.send("/b", BODY)
    url = web.send("/a", b"", 302, Location="/b")
    assert content(cache, fetcher(cache).fetch(url)) == BODY
    with pytest.raises(ContractError, match="TooManyRedirects"):
        fetcher(cache).fetch(web.send("/loop", b"", 302, Location="/loop"))


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://host/a"])
def test_a_redirect_out_of_http_is_refused(web: WebServer, cache: Cache, location: str) -> None:
    with pytest.raises(ContractError, match=r"over http\(s\)"):
        fetcher(cache).fetch(web.send("/a", b"", 302, Location=location))


def test_a_body_that_the_server_compressed_all_the_same_is_unpacked(web: WebServer, cache: Cache) -> None:
    import gzip

    url = web.send("/a", gzip.compress(b"hello"), Content_Encoding="gzip", ETag='"v1"')
    assert content(cache, fetcher(cache).fetch(url)) == b"hello"


def fetch_in_a_process(lake_uri: str, url: str) -> None:
    Fetcher(Cache(Lake(lake_uri)), Network(read_timeout_s=20)).fetch(url, sha256=sha256(b"z" * 300_000))


def test_two_processes_that_want_the_same_file_fetch_it_once(web: WebServer, cache: Cache) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(1)
        respond(handler, b"z" * 300_000)

    spawn = multiprocessing.get_context("spawn")
    arguments = (cache.lake.uri, web.answer("/a", slow))
    processes = [spawn.Process(target=fetch_in_a_process, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(90)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(web.seen) == 1
    assert cache.has(sha256(b"z" * 300_000))


def test_no_secret_of_the_address_is_shown(
    web: WebServer,
    cache: Cache,
    lake: Lake,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    login = web.url.replace("http://", "http://me:passw0rd@")
    web.send("/a", BODY)
    fetcher(cache).fetch(login + "/a?token=s3cret")
    with pytest.raises(SourceError) as caught:
        web.send("/b", b"", 500)
        fetcher(cache).fetch(login + "/b?token=s3cret")
    notes = [path.read_text() for path in Path(lake.full("01_landing/_cache/notes")).iterdir()]
    printed = "".join(capfd.readouterr())  # where Airflow's logging is set up, records go there
    for text in (caplog.text, printed, str(caught.value), *notes):
        assert "s3cret" not in text
        assert "passw0rd" not in text
    assert "token=***" in caplog.text + printed
