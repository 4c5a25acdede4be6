"""The charset of a page: byte order mark, HTTP header, ``<meta>``, or a detector, whichever fits the bytes first."""

from __future__ import annotations

import codecs
import functools
from collections.abc import Iterator
from typing import NamedTuple

_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_PROBE_BYTES = 1 << 17
_META_BYTES = 1 << 12
# What browsers read under a name, by the Encoding Standard (https://encoding.spec.whatwg.org/), in Python's names.
_WIDER = {
    "gbk": "gb18030", "gb2312": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
}  # fmt: skip
_NO_CHARSETS = {
    "idna",
    "punycode",
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "mbcs",
    "oem",
}
_MAX_WRONG_SHARE = 0.001


class Charset(NamedTuple):
    """A Python codec's name, and what named it: ``bom``, ``header``, ``meta``, ``detector`` or ``default``."""

    name: str
    source: str


def charset_of(payload: bytes, header: str | None, *, is_html: bool = True) -> Charset:
    """Return the charset under which ``payload`` is a text.

    A name that does not fit the bytes (more than one in a thousand is no text under it) is passed over: servers often
    send a header that belongs to another page.
    """
    for bom, name in _BOMS.items():
        if payload.startswith(bom):
            return Charset(name, "bom")
    probe = payload[:_PROBE_BYTES]
    for name, source in _named(probe, header, is_html=is_html):
        if fits(probe, name):
            return Charset(name, source)
    found = _detected(probe)
    return Charset(found, "detector") if found else Charset("cp1252", "default")


def _named(probe: bytes, header: str | None, *, is_html: bool) -> Iterator[tuple[str, str]]:
    """Yield what may be the charset, the best word first."""
    if header and (name := codec_of(header)):
        yield name, "header"
    if is_html and (name := _meta(probe)):
        yield name, "meta"
    if b"\x1b$" in probe:
        yield "iso2022_jp", "detector"
    yield "utf-8", "detector"


@functools.lru_cache(maxsize=256)
def codec_of(label: str) -> str | None:
    """Return Python's codec for a label as browsers understand it, or ``None``."""
    from resiliparse.parse.encoding import map_encoding_to_html5

    cleaned = label.strip().strip("\"'").lower()
    name = map_encoding_to_html5(cleaned, fallback_utf8=False) or cleaned
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)
        is_text = getattr(codec, "_is_text_encoding", True)
    except (LookupError, UnicodeError, ValueError):
        return None
    return _WIDER.get(codec.name, codec.name) if is_text and codec.name not in _NO_CHARSETS else None


def fits(content: bytes, name: str) -> bool:
    """Return whether nearly all of ``content`` is text under a codec; a character cut at its end is no error."""
    try:
        codecs.getincrementaldecoder(name)("strict").decode(content)
    except (UnicodeDecodeError, ValueError):
        decoded = content.decode(name, "replace")
        return decoded.count("\ufffd") <= len(decoded) * _MAX_WRONG_SHARE
    except Exception:  # a codec that is no plain text codec (idna, punycode ...)
        return False
    return True


def decode(payload: bytes, charset: str | None) -> str:
    """Return the text; bytes that fit no character become U+FFFD, a byte order mark goes."""
    try:
        text = payload.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        text = payload.decode("utf-8", "replace")
    return text.removeprefix("\ufeff")


def _meta(payload: bytes) -> str | None:
    from resiliparse.parse.encoding import detect_encoding

    head = payload[:_META_BYTES]
    if b"charset" not in head.lower() and b"encoding" not in head.lower():
        return None
    found = detect_encoding(_only_meta(head), from_html_meta=True, html5_compatible=False)
    return codec_of(found) if found else None


def _only_meta(head: bytes) -> bytes:
    """Return the head with everything but ASCII blanked: only its declaration may speak."""
    return bytes(byte if byte < 0x80 else 0x20 for byte in head)


def _detected(probe: bytes) -> str | None:
    from resiliparse.parse.encoding import detect_encoding

    found = detect_encoding(probe)
    name = codec_of(found) if found else None
    return name if name and fits(probe, name) else None
