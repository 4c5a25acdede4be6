from __future__ import annotations

import pytest
from resiliparse.parse.html import HTMLTree

from penstock.hypertext import guarded, links_of


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ("<a href=x>x</a><a href=' y '>y</a><a>z</a>", ["http://a.example/p/x", "http://a.example/p/y"]),
        ("<a href='/x#top'>x</a><a href='#here'>h</a>", ["http://a.example/x", "http://a.example/p/"]),
        ("<base href=//b.example/><a href=x>x</a>", ["http://b.example/x"]),
        ("<base href='//['><a href=x>x</a>", ["http://a.example/p/x"]),
        ("<a href='http://[bad'>b</a><a href='mailto:a@b.example'>m</a><a href='javascript:x()'>j</a>", []),
        ("<![CD[ <a href=x>x</a>", []),
        ("", []),
    ],
)
def test_links_are_absolute_and_of_the_web(html, links):
    assert list(links_of(HTMLTree.parse(html), "http://a.example/p/")) == links


def test_a_panic_is_an_error_of_the_page():
    class PanicException(BaseException):
        """What compiled Rust raises; made up here, for want of a page that does it."""

    def panic() -> None:
        message = "index out of range"
        raise PanicException(message)

    with pytest.raises(ValueError, match="it gave up: index out of range"):
        guarded(panic)


def test_what_is_no_panic_passes():
    assert guarded(lambda: 1) == 1
    with pytest.raises(KeyboardInterrupt):
        guarded(lambda: (_ for _ in ()).throw(KeyboardInterrupt))
