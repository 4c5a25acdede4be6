"""The payload of a record: what a browser would have been given, out of the block of an HTTP response."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from penstock.archive.members import ZSTD

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_MAX_HEAD_BYTES = 1 << 20
_DEFLATE = {"gzip": 47, "x-gzip": 47, "deflate": 47}
_RAW_DEFLATE = -15


class PayloadError(Exception):
    """A payload that cannot be unpacked: ``reason`` is counted."""

    def __init__(self, *, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Response(NamedTuple):
    """An HTTP response: its status, its headers (names in lower case), and the bytes behind them as they were sent."""

    status: int | None
    headers: dict[str, str]
    body: bytes


def parse_response(block: bytes) -> Response | None:
    """Return the response that a block holds, or ``None`` when it does not begin as one."""
    from fastwarc.warc import HeaderMap

    if not block.startswith(b"HTTP/"):
        return None
    found = _HEAD_END.search(block, 0, _MAX_HEAD_BYTES)
    end = found.end() if found else len(block)
    head = HeaderMap()
    head.parse(io.BytesIO(block[: min(end, _MAX_HEAD_BYTES)]))
    headers: dict[str, str] = {}
    for name, value in head.items_bytes():
        key, text = name.decode("latin-1").lower(), value.decode("utf-8", "replace")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    status = head.status_code
    return Response(status if status and 100 <= status <= 999 else None, headers, block[end:])


def without_transfer_encoding(response: Response) -> bytes:
    """Return the body without its chunks; many crawlers remove them and leave the header, which is no error."""
    if "chunked" not in response.headers.get("transfer-encoding", "").lower():
        return response.body
    parts = list(_chunks(response.body))
    return b"".join(parts) if parts else response.body


def without_content_encoding(body: bytes, encoding: str, *, max_bytes: int) -> bytes:
    """Return the body unpacked; one that is not packed is returned as it is, as many crawlers leave the header.

    Raises:
        PayloadError: it is damaged (``bad_content_encoding``), or unpacks to more than ``max_bytes``
            (``oversized_payload``).
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        body = _unpacked(body, name, max_bytes)
    return body


def _chunks(body: bytes) -> Iterator[bytes]:
    """Yield the chunks; nothing when the body is not in chunks, what there is when it was cut."""
    place = 0
    while place < len(body):
        end = body.find(b"\n", place, place + 4096)
        try:
            size = int(body[place:end].split(b";", 1)[0].strip() or b"x", 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size <= 0:
            return
        yield body[end + 1 : end + 1 + size]
        place = end + 1 + size
        place += 2 if body[place : place + 2] == b"\r\n" else 1


def _unpacked(body: bytes, name: str, max_bytes: int) -> bytes:
    if name in _DEFLATE:
        return _inflated(body, name, max_bytes)
    if name == "br":
        from fastwarc.stream_io import BrotliReader

        return body if _looks_like_text(body) else _read(BrotliReader(io.BytesIO(body)), name, max_bytes)
    if name == "zstd" and body.startswith(ZSTD):
        import zstandard

        return _read(zstandard.ZstdDecompressor().stream_reader(body), name, max_bytes)
    return body


def _inflated(body: bytes, name: str, max_bytes: int) -> bytes:
    is_gzip = body.startswith(b"\x1f\x8b")
    if not body or (not is_gzip and _looks_like_text(body)) or (not is_gzip and name != "deflate"):
        return body
    for wbits in (_DEFLATE[name], _RAW_DEFLATE):
        unpacker = zlib.decompressobj(wbits)
        try:
            content = unpacker.decompress(body, max_bytes + 1)
        except zlib.error as error:
            problem = str(error)
            continue
        if len(content) > max_bytes:
            raise PayloadError(reason="oversized_payload", detail=f"{name}: more than {max_bytes} bytes")
        return content
    raise PayloadError(reason="bad_content_encoding", detail=f"{name}: {problem}"[:200])


def _read(reader: Any, name: str, max_bytes: int) -> bytes:
    parts, size = [], 0
    try:
        while piece := reader.read(1 << 16):
            parts.append(piece)
            size += len(piece)
            if size > max_bytes:
                raise PayloadError(reason="oversized_payload", detail=f"{name}: more than {max_bytes} bytes")
    except PayloadError:
        raise
    except Exception as error:
        raise PayloadError(reason="bad_content_encoding", detail=f"{name}: {error}"[:200]) from error
    return b"".join(parts)


def _looks_like_text(body: bytes) -> bool:
    """Return whether a body is not packed at all: crawl archives keep ``Content-Encoding`` of what they unpacked."""
    head = body[:64].lstrip()
    return head.startswith((b"<", b"{", b"[")) or (
        bool(head) and head.isascii() and head.decode().isprintable()
    )
