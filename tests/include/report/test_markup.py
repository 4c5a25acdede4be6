"""Only what was made by these functions is markup."""

from __future__ import annotations

from html import unescape

from penstock.report.markup import Html, el, join, page


def test_text_is_escaped_and_markup_is_not():
    assert el("p", "<b>", el("i", "x"), None, ["a", Html("<hr>")]) == "<p>&lt;b&gt;<i>x</i>a<hr></p>"


def test_attributes_cannot_be_left():
    assert (
        el("a", "x", href='"><script>', class_="k", title=None)
        == '<a href="&quot;&gt;&lt;script&gt;" class="k">x</a>'
    )


def test_void_elements_have_no_end():
    assert join(el("br"), 3) == "<br>3"


def test_a_page_runs_and_fetches_nothing():
    text = page("</title><script>", "p{}", el("p", "x"))
    assert "default-src 'none'" in unescape(text)
    assert "<script" not in text
