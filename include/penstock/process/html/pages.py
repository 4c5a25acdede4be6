"""Pages to text and metadata, through resiliparse (fast) and trafilatura (precise), with bounds on every page."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from penstock.hypertext import guarded, links_of

if TYPE_CHECKING:
    from resiliparse.parse.html import HTMLTree

_T = TypeVar("_T")
Kind = Literal["html", "text", "binary"]

MAX_LINKS = 1000
_MAX_META_CHARS = 2000
_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml")
_TEXT_TYPES = ("text/", "application/json", "application/ld+json", "message/")
_HTML_START = re.compile(
    rb"\s*(<\?xml[^>]{0,200}>\s*)?(<!--.{0,2000}?-->\s*)?<(!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_PROBE_BYTES = 4096
_AUTHOR = ('meta[name="author"]', 'meta[property="article:author"]', 'meta[name="dc.creator"]')
_PUBLISHED = (
    'meta[property="article:published_time"]',
    'meta[name="date"]',
    'meta[name="dc.date"]',
    'meta[itemprop="datePublished"]',
    "time[datetime]",
)


class Page(NamedTuple):
    """What was found in a page."""

    text: str
    title: str | None = None
    author: str | None = None
    published: str | None = None
    links: list[str] | None = None


def kind_of(content: bytes, media_type: str) -> Kind:
    """Return what the bytes are; where the media type says nothing, or lies, their beginning decides."""
    head = content[:_PROBE_BYTES]
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and _is_binary(head):
        return "binary"
    if _HTML_START.match(head) or media_type.startswith(_HTML_TYPES):
        return "html"
    if media_type.startswith(_TEXT_TYPES):
        return "text"
    if media_type in ("", "application/octet-stream"):
        return "binary" if _is_binary(head) else "text"
    return "binary"


def _is_binary(head: bytes) -> bool:
    """Return whether more than a tenth are control characters, as no charset of text has them."""
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return controls * 10 > len(head)


def is_deeper(html: str, max_depth: int) -> bool:
    """Return whether the tags nest deeper than ``max_depth``.

    Few pages are measured exactly: only those whose open tags, counted without knowing which close by themselves, are
    ever more than the bound.
    """
    if html.count("<") <= max_depth or _most_open(html) <= max_depth:
        return False
    return guarded(lambda: _is_tree_deeper(html, max_depth))


def _most_open(html: str) -> int:
    """Return the greatest number of tags that were opened and not closed; ``<br>``, ``<hr>`` and ``<img>`` are none."""
    import numpy as np

    content = np.frombuffer(html.encode("utf-8", "replace") + b"    ", dtype=np.uint8)
    at = np.flatnonzero(content[:-4] == ord("<"))
    first, second, third, fourth = (content[at + n] | 0x20 for n in (1, 2, 3, 4))
    opens = (first >= ord("a")) & (first <= ord("z"))
    ends = {ord(" "), ord(">"), ord("/")}
    short = (
        np.isin(content[at + 3], list(ends))
        & (second == ord("r"))
        & ((first == ord("b")) | (first == ord("h")))
    )
    image = (first == ord("i")) & (second == ord("m")) & (third == ord("g")) & np.isin(fourth, list(ends))
    closes = content[at + 1] == ord("/")
    steps = (opens & ~short & ~image).astype(np.int64) - closes
    return int(np.maximum.accumulate(np.cumsum(steps)).max(initial=0))


def _is_tree_deeper(html: str, max_depth: int) -> bool:
    """Walk the tree, without recursion, until it is too deep or at its end."""
    from resiliparse.parse.html import HTMLTree

    root: Any = HTMLTree.parse(html).document
    node, depth = root, 0
    while node is not None:
        child = node.first_child
        if child is not None:
            node, depth = child, depth + 1
            if depth > max_depth:
                return True
            continue
        while node is not None and node != root and node.next_sibling is None:
            node, depth = node.parent_node, depth - 1
        node = None if node is None or node == root else node.next_sibling
    return False


def read_fast(html: str, url: str, *, is_main: bool, columns: Sequence[str] = ()) -> Page:
    """Return text and metadata by resiliparse."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def read() -> Page:
        tree = HTMLTree.parse(html) if columns else None
        text = extract_plain_text(
            tree or html, main_content=is_main, alt_texts=not is_main, comments=not is_main
        )
        return Page(text) if tree is None else _metadata(tree, url, columns, text)

    return guarded(read)


def read_precise(html: str, url: str, *, favor: str, columns: Sequence[str] = ()) -> Page:
    """Return text and metadata by trafilatura."""
    import trafilatura

    found: Any = trafilatura.bare_extraction(
        html,
        url=url or None,
        favor_precision=favor == "precision",
        favor_recall=favor == "recall",
        include_comments=False,
        with_metadata=bool({"title", "author", "published"} & set(columns)),
    )
    text = (found.text or "") if found is not None else ""
    if not columns:
        return Page(text)
    from resiliparse.parse.html import HTMLTree

    page = guarded(lambda: _metadata(HTMLTree.parse(html), url, columns, text))
    if found is None:
        return page
    return page._replace(
        title=_short(found.title) or page.title,
        author=_short(found.author) or page.author,
        published=_day(found.date) or page.published,
    )


def _metadata(tree: HTMLTree, url: str, columns: Sequence[str], text: str) -> Page:
    return Page(
        text,
        title=_short(tree.title) if "title" in columns else None,
        author=_short(_first(tree, _AUTHOR)) if "author" in columns else None,
        published=_day(_first(tree, _PUBLISHED)) if "published" in columns else None,
        links=_links(tree, url) if "links" in columns else None,
    )


def _first(tree: HTMLTree, selectors: Sequence[str]) -> str | None:
    document: Any = tree.document
    for selector in selectors:
        node = document.query_selector(selector)
        if node is not None:
            value = node.getattr("content") or node.getattr("datetime")
            if value and value.strip():
                return str(value)
    return None


def _links(tree: HTMLTree, url: str) -> list[str]:
    """Return the addresses of the links, each once, at most `MAX_LINKS`."""
    found: dict[str, None] = {}
    for link in links_of(tree, url):
        found[link[:_MAX_META_CHARS]] = None
        if len(found) == MAX_LINKS:
            break
    return list(found)


def _short(text: str | None) -> str | None:
    return " ".join(text[:_MAX_META_CHARS].split()) or None if text else None


def _day(text: str | None) -> str | None:
    """Return the day of an ISO 8601 date or time."""
    try:
        return datetime.fromisoformat(text.strip()).date().isoformat() if text else None
    except ValueError:
        return None


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` in the block after ``seconds`` of this process's own processor time.

    Processor time, so that a busy machine decides nothing. In a thread other than the main one there is no bound.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise _OutOfTime

    # Again and again: an alarm that meets a callback of compiled code is swallowed there.
    again = max(seconds / 10, 0.01)
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, again)
    try:
        yield
    except _OutOfTime:
        message = (
            f"expected {seconds} s of processor time to do for the page; raise max_seconds, or use mode: fast"
        )
        raise TimeoutError(message) from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class _OutOfTime(BaseException):
    """The time of a block is over."""
