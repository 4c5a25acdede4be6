"""Addresses that may hold secrets, made fit for logs, errors and manifests."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_ADDRESS = re.compile(r"https?://\S+")


def redact(url: str) -> str:
    """Return ``url`` with its user, password and the values of its query as ``***``, and without its fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)
    netloc = f"***@{host[1]}" if len(host) == 2 else host[0]
    names = [(name, "***") for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode(names, safe="*"), ""))


def redact_text(text: object) -> str:
    """Return a text with every address in it made fit for a log."""
    return _ADDRESS.sub(lambda found: redact(found[0]), str(text))


class RedactAddresses(logging.Filter):
    """Makes the addresses in another library's log lines fit for a log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the line's text; let every line pass."""
        record.msg, record.args = redact_text(record.getMessage()), ()
        return True


def seconds_of_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return how long a ``Retry-After`` header asks to wait (seconds); it is a number or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
