"""What a page says about its use: the directives of ``X-Robots-Tag``, ``<meta name=robots>`` and TDMRep."""

from __future__ import annotations

import functools
from typing import Any

TDM = "tdm-reservation"
"""The W3C's TDM Reservation Protocol (https://www.w3.org/community/reports/tdmrep/): reserved when its value is 1."""

_HEAD_CHARS = 1 << 16


def found(honoured: tuple[str, ...], header: str, html: str) -> str | None:
    """Return the first of the ``honoured`` directives that the header or the page carries."""
    if not honoured:
        return None
    given = _directives(header)
    head = html[:_HEAD_CHARS]
    for tag in _metas().findall(head) if html else ():
        name, content = _attribute(tag, "name").lower(), _attribute(tag, "content")
        if name == TDM and content.strip() == "1":
            given.add(TDM)
        elif name.endswith(("bot", "robots")):
            given |= _directives(content)
    return next((directive for directive in honoured if directive.lower() in given), None)


def _directives(text: str) -> set[str]:
    """Return the directives; one that is for a named crawler (``otherbot: noindex``) counts too."""
    parts = [part.rsplit(":", 1)[-1].strip().lower() for part in text.split(",")]
    return {word for part in parts for word in part.split()}


@functools.cache
def _metas() -> Any:
    import re2  # type: ignore[import-untyped]

    return re2.compile(r"(?i)<meta\s[^>]{1,1000}>")


@functools.cache
def _attributes(name: str) -> Any:
    import re2

    return re2.compile(rf"(?i)[\s\"']{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")


def _attribute(tag: str, name: str) -> str:
    match = _attributes(name).search(tag)
    return next((group for group in match.groups() if group), "") if match else ""
