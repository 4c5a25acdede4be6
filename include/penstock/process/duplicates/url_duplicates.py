"""Step ``url_duplicates``: of documents with the same address, keep one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pydantic import Field

from penstock.process import audit
from penstock.process.duplicates.keep_first import keep_first
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TRACKING = ("utm_", "fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid")
"""How the names of query parameters begin that say where a visitor came from, not which page it is."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


class UrlDuplicates(FrameStep):
    """Drop (``url_duplicate``, detail: the kept ``doc_id``) all but the least ``doc_id`` of one address in the run.

    Addresses are compared as `normalise_url` makes them. A document without address is no duplicate. Columns: reads
    ``doc_id`` and the address; adds none. ``partitions`` as in ``exact_duplicates``.
    """

    kind: Literal["url_duplicates"] = "url_duplicates"
    column: str = "url"
    partitions: int | None = Field(default=None, ge=1)

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id", self.column)

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Tag the duplicates."""
        from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

        normal = F.udf(normalise_url, "string")(F.col(f"`{self.column}`"))
        compared = audit.is_live() & F.col(f"`{self.column}`").isNotNull()
        return keep_first(
            frame, normal, compared, step=self.kind, reason="url_duplicate", partitions=self.partitions
        )


def normalise_url(url: str | None) -> str | None:
    """Return an address as it is compared; what cannot be parsed stays as it is.

    http is https, the host in lower case and without ``www.``, no default port, fragment, session id or tracking
    parameter, parameters in order, percent-encoding in one way, no slash at the end (RFC 3986, section 6.2).
    """
    if url is None:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    if not parts.hostname:
        return url
    host = parts.hostname.removeprefix("www.")
    is_default = port is None or _DEFAULT_PORTS.get(parts.scheme.lower()) == port
    pairs = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not pair[0].startswith(TRACKING)
    ]
    path = quote(_SESSION.sub("", parts.path), safe="/%:@!$&'()*+,;=~-._").rstrip("/")
    scheme = "https" if parts.scheme.lower() in _DEFAULT_PORTS else parts.scheme.lower()
    return urlunsplit((scheme, host if is_default else f"{host}:{port}", path, urlencode(sorted(pairs)), ""))
