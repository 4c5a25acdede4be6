"""Digests that a record's headers promise, compared with its bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterable

OK, WRONG, MISSING, UNKNOWN = "ok", "wrong", "missing", "unknown_algorithm"
_ALGORITHMS = {"sha1", "sha256", "sha512", "md5", "sha384"}
_CHECKSUMS = {"crc32": zlib.crc32, "adler32": zlib.adler32}


def check(promised: str | None, contents: Iterable[bytes]) -> str:
    """Return ``ok`` when the digest ``algorithm:value`` is that of one of ``contents``.

    The value is base32 (most crawlers), base64 or hex. Tools differ in what a payload is (with or without the transfer
    encoding), so that several contents may be right.
    """
    if not promised or ":" not in promised:
        return MISSING
    algorithm, _, value = promised.partition(":")
    name = algorithm.strip().lower().replace("-", "")
    if name not in _ALGORITHMS and name not in _CHECKSUMS:
        return UNKNOWN
    return OK if any(_decoded(value.strip(), d := _digest(name, c)) == d for c in contents) else WRONG


def _digest(name: str, content: bytes) -> bytes:
    if name in _CHECKSUMS:
        return _CHECKSUMS[name](content).to_bytes(4, "big")
    return hashlib.new(name, content, usedforsecurity=False).digest()


def _decoded(value: str, digest: bytes) -> bytes | None:
    """Return the bytes of ``value`` in the spelling whose length fits ``digest``."""
    size = len(digest)
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        if len(value.rstrip("=")) == -(-size * 8 // 5):
            return base64.b32decode(value.rstrip("=").upper() + "=" * (-len(value.rstrip("=")) % 8))
        return base64.b64decode(value + "=" * (-len(value) % 4))
    except (ValueError, binascii.Error):
        return None
