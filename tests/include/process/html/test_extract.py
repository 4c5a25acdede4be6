from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.errors import RecipeError
from penstock.process.html.extract import Extract
from penstock.process.length import Length
from penstock.process.plan import check_columns

MAIN = (
    "This is the story of a penstock, the gated pipe that feeds a turbine with water from the dam above. " * 4
)
PAGE = f"""<!doctype html><html><head><title> A  title </title><meta name="author" content="Ann Author">
<meta property="article:published_time" content="2026-11-16T08:00:00Z"></head><body>
<nav><ul><li><a href="/home">Home</a></li><li><a href="/about#x">About us</a></li></ul></nav>
<main><article><h1>Heading</h1><p>{MAIN}</p><p>{MAIN} <a href="https://b.example/">elsewhere</a></p></article></main>
<footer>Copyright, all rights reserved</footer></body></html>"""


@pytest.fixture
def extract(apply_to):
    """Show a page to the step."""

    def run(step: Extract, payload: bytes | str | None, **columns: object):
        content = payload.encode() if isinstance(payload, str) else payload
        defaults = {"content_type": "text/html", "charset": "utf-8", "url": "http://a.example/p/"}
        return apply_to(step, None, payload=content, **{**defaults, **columns})

    return run


@pytest.mark.parametrize("mode", ["fast", "precise"])
def test_keeps_the_article_and_leaves_the_rest(extract, mode):
    document, verdict = extract(Extract(mode=mode), PAGE)
    assert verdict is None
    assert MAIN.strip()[:60] in document.text
    assert "About us" not in document.text
    assert document["payload"] is None


def test_all_content_is_every_visible_text(extract):
    text = extract(Extract(content="all"), PAGE)[0].text
    assert "About us" in text
    assert "all rights reserved" in text


@pytest.mark.parametrize("mode", ["fast", "precise"])
def test_metadata_are_columns(extract, mode):
    step = Extract(mode=mode, columns=("title", "author", "published", "links"))
    document, _ = extract(step, PAGE)
    assert document["title"] in ("A title", "Heading")
    assert (document["author"], document["published"]) == ("Ann Author", "2026-11-16")
    assert document["links"] == ["http://a.example/home", "http://a.example/about", "https://b.example/"]


def test_links_are_relative_to_the_base_that_a_page_names(extract):
    html = "<base href='/docs/'><a href='x'>x</a><a href='#here'>y</a><a href='mailto:a@b.example'>z</a>"
    document, _ = extract(Extract(columns=("links",)), html)
    assert document["links"] == ["http://a.example/docs/x", "http://a.example/docs/"]


@pytest.mark.parametrize("mode", ["fast", "precise"])
def test_a_page_without_metadata_has_nulls(extract, mode):
    step = Extract(mode=mode, columns=("title", "author", "published", "links"))
    document, verdict = extract(step, "<p>x</p><a href='http://[bad'>y</a>", url=None)
    assert verdict is None
    assert (document["author"], document["published"], document["links"]) == (None, None, [])


def test_plain_text_passes_as_it_is(extract):
    for media_type in ("text/plain", "text/troff", "", "application/octet-stream"):
        document, verdict = extract(Extract(), "a < b\n\nc", content_type=media_type)
        assert (document.text, verdict) == ("a < b\n\nc", None)


def test_charsets_are_heard_and_found(extract):
    russian = "Это обычное предложение на русском языке о погоде. " * 5
    page = f"<html><body><p>{russian}</p></body></html>"
    for charset in ("cp1251", None, "no-such-charset"):
        content = page.encode("utf-8" if charset == "no-such-charset" else "cp1251")
        assert russian.strip()[:40] in extract(Extract(content="all"), content, charset=charset)[0].text


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"\x89PNG\r\n\0\0\0\rIHDR" + bytes(range(30)) * 9, "text/html"), (b"%PDF-1.7", "application/pdf"),
     (b"\0\1\2\3" * 500, "text/plain"), (b"\0\1\2" * 99, "")],
)  # fmt: skip
def test_binary_data_is_dropped_whatever_it_calls_itself(extract, content, media_type):
    document, verdict = extract(Extract(), content, content_type=media_type)
    assert (verdict.reason, verdict.detail) == ("not_text", media_type)
    assert document["payload"] is None


@pytest.mark.parametrize(
    ("honour", "html", "header", "reason"),
    [
        (("noai",), '<meta name="robots" content="noai, noimageai"><p>x', None, "robots_noai"),
        (("noai",), "<META CONTENT='index,NOAI' NAME=robots><p>x", None, "robots_noai"),
        (("noai",), "<p>x", "noai", "robots_noai"),
        (("noai",), "<p>x", "otherbot: noindex, noai", "robots_noai"),
        (("noindex", "noai"), "<p>x", "noai, noindex", "robots_noindex"),
        (
            ("tdm-reservation",),
            '<meta name="tdm-reservation" content="1"><p>x',
            None,
            "robots_tdm-reservation",
        ),
        (("tdm-reservation",), '<meta name="tdm-reservation" content="0"><p>x', None, None),
        (("noai",), '<meta name="description" content="noai"><p>x', None, None),
        ((), '<meta name="robots" content="noai"><p>x', "noai", None),
    ],
)
def test_robots_directives_are_honoured_when_asked(extract, honour, html, header, reason):
    verdict = extract(Extract(honour=honour), html, robots=header)[1]
    assert (verdict and verdict.reason) == reason


DEEP = 100_000


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * DEEP + "x" + "</div>" * DEEP, "<div>" * DEEP, "<b><i>" * DEEP,
        "<br-x>" * DEEP, "<table><tr><td>" * DEEP,
        "<ul><li>" * DEEP, "<svg><g>" * DEEP, "<font>" * DEEP + "<p>" * 100, "<a>" * DEEP, "<button><p>" * DEEP,
    ],
    ids=lambda html: html[:12],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["fast", "precise"])
@pytest.mark.timeout(60)
def test_deep_nesting_has_a_clear_outcome_in_bounded_time(extract, html, mode):
    _, verdict = extract(Extract(mode=mode, max_seconds=3), html)
    assert verdict is None or isinstance(verdict, TimeoutError) or verdict == ("html_too_deep", 513, None)


@pytest.mark.parametrize(
    "html",
    ["", " ", "<", "<html>", "<!-- " * 10_000, "<p>" * 20_000, "<br>" * 50_000, "<img src=x>" * 20_000,
     "<div a=" + "b" * 1_000_000, "&#x;" * 100_000, "&#55296;&#0;&#1114112;x",
     "<p>\ud800</p>".encode("utf-8", "surrogatepass"),
     "<p>x</p>" * 20_000, "</div>" * 100_000, "<a href=x>" * 300, "<script>" + "x" * 1_000_000, "<p>\0\x08\ufeff</p>",
     "<select><option>" * 400, "<template>" * 400, "<math><mi>" * 200, "<frameset>" * 500, "<title>" * 1000],
    ids=lambda html: repr(html[:14]),
)  # fmt: skip
@pytest.mark.parametrize("mode", ["fast", "precise"])
@pytest.mark.timeout(60)
def test_strange_pages_end_in_bounded_time(extract, html, mode):
    step = Extract(mode=mode, max_seconds=2, columns=("title", "links"))
    document, verdict = extract(step, html)
    is_late = isinstance(verdict, TimeoutError)
    assert verdict is None or is_late or verdict.reason in ("html_too_deep", "not_text")
    document.text.encode()


def test_a_huge_page_is_dropped(extract):
    _, verdict = extract(Extract(max_html_mb=1), b"<p>" + b"x" * (1 << 20))
    assert (verdict.reason, verdict.value) == ("html_too_large", (1 << 20) + 3)


def test_a_page_that_takes_too_long_goes_to_quarantine(extract):
    _, verdict = extract(
        Extract(mode="precise", max_seconds=0.001), PAGE.replace("</main>", f"<p>{MAIN}</p>" * 3000)
    )
    assert isinstance(verdict, TimeoutError)


def test_null_is_an_empty_text(extract):
    document, verdict = extract(Extract(), None, content_type=None, charset=None, url=None)
    assert (document["text"], verdict) == ("", None)


def test_the_step_makes_the_text_that_others_read():
    columns = ("doc_id", "payload", "charset", "content_type", "url", "robots")
    assert "text" in check_columns([Extract(), Length()], columns, where="r", text_column="text")
    with pytest.raises(RecipeError, match="length expected a column 'text'"):
        check_columns([Length(), Extract()], columns, where="r", text_column="text")


def test_runs_fused_with_others_on_arrow_batches(run_fused):
    columns = {"charset": ["utf-8", None, None], "url": ["http://a.example/"] * 3, "robots": [None] * 3}
    table = pa.table(
        {
            "doc_id": ["1", "2", "3"],
            "payload": pa.array([PAGE.encode(), b"plain", b"\0\1" * 99], pa.binary()),
            "content_type": ["text/html", "text/plain", "image/gif"],
            **{name: pa.array(values, pa.string()) for name, values in columns.items()},
        }
    )
    rows = run_fused([Extract(), Length(min_chars=10)], table).to_pylist()
    assert [row["drop_reason"] for row in rows] == [None, "too_short", "not_text"]
    assert rows[0]["text"].startswith("Heading")
    assert rows[0]["payload"] is None
