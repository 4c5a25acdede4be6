"""Files at addresses as a source."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from pydantic import ValidationError
from tests.include.ingest.conftest import WebServer, cut, respond_with_ranges, sha256

from penstock.errors import ContractError
from penstock.ingest.fetch import MissingError
from penstock.ingest.http import HttpSource
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.transfer.stage import transfer
from support.warc import packed, page


def source(**keys: object) -> HttpSource:
    return HttpSource.model_validate({"network": {"attempts": 1, "read_timeout_s": 5}, **keys})


def read(given: HttpSource, lake: Lake) -> list[tuple[str, bytes]]:
    found = []
    for item in given.items("2026-11-16", lake):
        with item.open() as stream:
            found.append((item.name, stream.read()))
    return found


def test_fetches_the_list_in_its_order_with_the_day_put_in(web: WebServer, lake: Lake) -> None:
    web.send("/2026-11-16.csv", b"day")
    web.send("/a.txt", b"a")
    given = source(urls=[web.url + "/{run_key}.csv", {"url": web.url + "/a.txt?x=1", "name": "renamed.txt"}])
    assert read(given, lake) == [("2026-11-16.csv", b"day"), ("renamed.txt", b"a")]


def test_keeps_where_it_came_from_without_secrets(web: WebServer, lake: Lake) -> None:
    web.send("/a.txt", b"a", ETag='"v1"')
    (item,) = source(urls=[web.url + "/a.txt?key=s3cret"]).items("2026-11-16", lake)
    assert item.origin_uri == web.url + "/a.txt?key=***"
    assert item.provenance == {"sha256": sha256(b"a"), "etag": '"v1"'}


def test_an_unchanged_file_comes_from_the_cache(web: WebServer, lake: Lake) -> None:
    url = web.answer("/a", lambda handler: respond_with_ranges(handler, b"a", '"v1"'))
    assert read(source(urls=[url]), lake) == read(source(urls=[url]), lake) == [("a", b"a")]
    assert [request.get("if-none-match") for request in web.seen] == [None, '"v1"']


def test_unpacks_by_suffix(web: WebServer, lake: Lake) -> None:
    url = web.send("/a.json.gz", gzip.compress(b"{}"))
    assert read(source(urls=[url], content="json"), lake) == [("a.json", b"{}")]
    assert read(source(urls=[url], compression="none"), lake)[0][0] == "a.json.gz"


def test_a_truncated_gzip_is_named(web: WebServer, lake: Lake) -> None:
    url = web.send("/a.gz", gzip.compress(bytes(range(256)) * 99)[:-9])
    with pytest.raises(ContractError, match=r"whole gzip file at http://.*/a\.gz"):
        read(source(urls=[url]), lake)


def test_html_where_json_was_promised_says_both(web: WebServer, lake: Lake) -> None:
    url = web.send("/a.json", b"{}", Content_Type="text/html")
    with pytest.raises(ContractError, match=r"expected json at .* got HTML"):
        read(source(urls=[url], content="json"), lake)


def test_a_missing_file_fails_or_is_told(web: WebServer, lake: Lake) -> None:
    web.send("/a", b"a")
    urls = [web.url + "/gone", web.url + "/a"]
    with pytest.raises(MissingError, match="gone"):
        read(source(urls=urls), lake)
    items = list(source(urls=urls, missing="skip").items("2026-11-16", lake))
    assert [(item.name, item.is_missing) for item in items] == [("gone", True), ("a", False)]


PAGE = b"""<base href="/files/"><a href="b-2026-11-16.csv#top">b</a><A HREF='a-2026-11-16.csv'>a</A>
<a href="/files/a-2026-11-16.csv">again</a><a href="a-2026-11-15.csv">yesterday</a>
<a href="mailto:x@y">m</a><a>no</a>"""


def test_fetches_what_an_index_page_links_to(web: WebServer, lake: Lake) -> None:
    for name in "ab":
        web.send(f"/files/{name}-2026-11-16.csv", name.encode())
    index = {"url": web.send("/index.html", PAGE, Content_Type="text/html"), "link": r"{run_key}\.csv$"}
    given = source(index=index, content="csv")
    assert read(given, lake) == [("a-2026-11-16.csv", b"a"), ("b-2026-11-16.csv", b"b")]


def test_a_link_that_is_no_address_is_none(web: WebServer, lake: Lake) -> None:
    web.send("/a.csv", b"a")
    page = web.send(
        "/index.html",
        b"<base href=//[><a href='//[x.csv'>x</a><a href=/a.csv>a</a>",
        Content_Type="text/html",
    )
    assert read(source(index={"url": page, "link": "csv$"}), lake) == [("a.csv", b"a")]


def test_an_index_without_its_links_breaks_the_contract(web: WebServer, lake: Lake) -> None:
    index = {"url": web.send("/index.html", b"<p>moved"), "link": "csv$"}
    with pytest.raises(ContractError, match=r"expected 1 to 1000 links like 'csv\$' .* got 0 of 0"):
        read(source(index=index), lake)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, "neither"),
        ({"urls": ["http://h/a"], "index": {"url": "http://h/", "link": "x"}}, "both"),
        ({"urls": ["ftp://h/a"]}, "begins with http"),
        ({"urls": ["file:///etc/passwd"]}, "begins with http"),
        ({"urls": ["http://"]}, "begins with http"),
        ({"urls": ["http://h/{day}"]}, "unknown field"),
        ({"urls": [{"url": "http://h/a", "sha256": "x"}]}, "sha256"),
        ({"index": {"url": "http://h/", "link": "("}}, "regular expression"),
    ],
)
def test_refuses_an_address_that_is_none(keys: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        source(**keys)


def test_a_link_may_be_any_regular_expression() -> None:
    assert source(index={"url": "http://h/", "link": r"\d{4}-{run_key}"}).index is not None


def test_a_crawl_archive_whose_transfer_is_cut_goes_on_by_range_and_loses_no_record(
    web: WebServer, run_of: Callable[..., Run]
) -> None:
    pages = [page(f"http://a.example/{n}", f"text {n} " * 2_000) for n in range(200)]
    content = b"".join(packed(one) for one in pages)
    answers = iter([lambda handler: cut(handler, content, len(content) // 2, '"v1"')])
    url = web.answer(
        "/crawl/2026-11-16/a.warc.gz",
        lambda handler: next(answers, lambda again: respond_with_ranges(again, content, '"v1"'))(handler),
    )
    document = {
        "dataset": "sample", "start": "2026-01-01", "store": {},
        "ingest": {"source": {"kind": "http", "urls": [url.replace("2026-11-16", "{run_key}")], "compression": "none"},
                   "records": "archive"},
        "transfer": {"decoder": {"kind": "archive"}},
    }  # fmt: skip
    run = run_of(Recipe.model_validate(document), "2026-11-16")
    assert ingest(run).rows_out == 200
    receipt = transfer(run)
    assert (receipt.rows_out, receipt.quarantined) == (200, {})
    assert [request.get("range") for request in web.seen] == [None, f"bytes={len(content) // 2}-"]
