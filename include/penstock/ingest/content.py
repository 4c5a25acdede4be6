"""Is it what was promised? A guard against error pages in place of data."""

from __future__ import annotations

import re
from typing import Literal

from penstock.errors import ContractError

Promise = Literal["any", "json", "jsonl", "csv", "text", "html"]

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_HTML = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_JSON = re.compile(rb"\s*([\[{\"\-0-9]|true|false|null)")
_BOM = b"\xef\xbb\xbf"


def check_type(content_type: str, promise: Promise, where: str) -> None:
    """Refuse HTML where something else was promised, by the server's own word.

    Raises:
        ContractError: saying both.
    """
    media_type = content_type.split(";", 1)[0].strip().lower()
    if promise not in ("any", "html") and media_type in _HTML_TYPES:
        _refuse(promise, f"HTML (Content-Type {content_type})", where)


def check_content(head: bytes, promise: Promise, where: str) -> None:
    """Refuse a content that begins as HTML, or not as JSON where that was promised.

    Raises:
        ContractError: saying both.
    """
    head = head.removeprefix(_BOM)
    if promise in ("any", "html") or not head.strip():
        return
    if _HTML.match(head):
        _refuse(promise, f"HTML ({head[:60]!r})", where)
    if promise in ("json", "jsonl") and not _JSON.match(head):
        _refuse(promise, f"something else ({head[:60]!r})", where)


def _refuse(promise: Promise, came: str, where: str) -> None:
    message = (
        f"http: expected {promise} at {where}, got {came}; it is likely an error or login page: open the address, and "
        "correct it or ingest.source.content"
    )
    raise ContractError(message, failed={"wrong_content": 1}, sample_uri=where)
