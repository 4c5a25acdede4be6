"""Step ``url_duplicates``: of documents with the same address, keep one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pydantic import Field

from penstock.process.duplicates.keep_first import KEY, digests, later_ones
from penstock.process.step import CompareStep, Context, FrameContext, Staged

if TYPE_CHECKING:
    import pyarrow as pa

TRACKING = ("utm_", "fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid")
"""How the names of query parameters begin that say where a visitor came from, not which page it is."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


class UrlDuplicates(CompareStep):
    """Drop (``url_duplicate``, detail: the kept ``doc_id``) all but the least ``doc_id`` of one address in the run.

    Addresses are compared as `normalise_url` makes them. A document without address is no duplicate. Columns: reads
    ``doc_id`` and the address; adds none. ``partitions`` as in ``exact_duplicates``.
    """

    reason: ClassVar[str] = "url_duplicate"
    kind: Literal["url_duplicates"] = "url_duplicates"
    column: str = "url"
    partitions: int | None = Field(default=None, ge=1)

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id", self.column)

    def keys(self, rows: pa.RecordBatch, context: Context) -> Mapping[str, pa.Array]:
        """Return a digest of each address."""
        import pyarrow as pa

        normal = [normalise_url(url) for url in rows.column(self.column).to_pylist()]
        return {KEY: digests(pa.array(normal, type=pa.string()))}

    def judge(self, staged: Staged, context: FrameContext) -> pa.Table:
        """Say which addresses are there before."""
        return later_ones(staged, context, self.partitions)


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
