"""HTML through resiliparse: the links of a page, and its parser kept from taking the process with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from resiliparse.parse.html import HTMLTree

_T = TypeVar("_T")


def guarded(read: Callable[[], _T]) -> _T:
    """Call into a library of compiled code; its panic, which is no `Exception`, becomes one.

    Raises:
        ValueError: the library gave up on the page.
    """
    try:
        return read()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        message = f"expected the parser to read the page, it gave up: {error}"[:500]
        raise ValueError(message) from None


def links_of(tree: HTMLTree, url: str) -> Iterator[str]:
    """Yield the absolute http(s) addresses, without fragments, of the links of the page at ``url``, in their order.

    ``<base>`` counts; what is no address (``//[``) is passed over.
    """
    document: Any = tree.document
    base = document.query_selector("base[href]")
    page = (base and _joined(url, str(base.getattr("href")))) or url
    for node in document.query_selector_all("a[href]"):
        link = _joined(page, str(node.getattr("href")))
        if link.startswith(("http://", "https://")):
            yield link


def _joined(base: str, href: str) -> str:
    """Return the address that a reference means; of none: nothing."""
    try:
        joined = urldefrag(urljoin(base, href.strip())).url
        urlsplit(joined)
    except ValueError:  # brackets that hold no IPv6 address
        return ""
    return joined
