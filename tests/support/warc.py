"""WARC records as bytes, right or deliberately wrong, so that a test needs no crawl."""

from __future__ import annotations

import base64
import gzip
import hashlib

HTML = "<html><head><title>{title}</title></head><body><p>{text}</p></body></html>"


def digest(content: bytes) -> str:
    """Return a digest as crawlers write it."""
    return f"sha1:{base64.b32encode(hashlib.sha1(content).digest()).decode()}"


def http(
    body: bytes, content_type: str = "text/html; charset=utf-8", status: int = 200, **headers: str
) -> bytes:
    """Return an HTTP response."""
    named = {"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
    lines = [f"HTTP/1.1 {status} OK", *[f"{k}: {v}" for k, v in named.items() if v]]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(kind: str, url: str, block: bytes, **headers: str) -> bytes:
    """Return one WARC record; ``headers`` replace or add (``None`` removes), with ``_`` for ``-``."""
    named: dict[str, str | None] = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(url.encode()).hexdigest()}>",
        "WARC-Date": "2026-11-16T10:00:00Z",
        "Content-Type": "application/http; msgtype=response" if kind == "response" else "text/plain",
        "Content-Length": str(len(block)),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value is not None)
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def page(url: str, text: str, **headers: str) -> bytes:
    """Return the record of a page of one paragraph, with its payload's digest."""
    body = HTML.format(title=url, text=text).encode()
    return record("response", url, http(body), **{"WARC_Payload_Digest": digest(body), **headers})


def packed(*records: bytes) -> bytes:
    """Return an archive of a gzip member a record."""
    return b"".join(gzip.compress(content, mtime=0) for content in records)
