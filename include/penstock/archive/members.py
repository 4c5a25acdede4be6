"""The members of an archive file: gzip members, zstd frames, stretches of plain text, in any order.

Most crawlers write a gzip member (or zstd frame) for each record. Damage ends one member, not the file: the next one
is found again by its first bytes and by what it unpacks to.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from penstock.archive.raw import LOOK_BACK, RawStream

if TYPE_CHECKING:
    import zstandard

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
WARC = b"WARC/"
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_START = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|(?:(?<=\n)|\A)WARC/[01]\.\d")
_PADDING = b"\r\n\t \0"
_MEMORY = 1 << 18
_PROBE_BYTES = 1 << 12
_GZIP_WBITS = 31
# A zstd block of 4 bytes may unpack to 128 KB: small pieces bound what one call returns (here 64 MB).
_ZSTD_PIECE_BYTES = 1 << 11
_MAX_WINDOW = 1 << 27


class Member:
    """One member, read as a file of unpacked bytes.

    ``offset`` is where it begins in the file. ``damage`` says why it ended before its end: ``clipped``, ``damaged``
    or ``too_large`` (more than ``budget`` bytes without a call of `allow`).
    """

    def __init__(self, raw: RawStream, unpacker: Any, *, budget: int) -> None:
        self.offset, self.damage = raw.position, ""
        self._raw, self._unpacker = raw, unpacker
        self._left = budget
        self.is_plain = isinstance(unpacker, _Plain)
        self.told_until: int | None = 0
        self._given, self._ended = 0, False
        self._memory, self._again = b"", b""

    def allow(self, budget: int) -> None:
        """Let ``budget`` more bytes be unpacked."""
        self._left = budget

    def tell(self) -> int:
        """Return the number of bytes given."""
        return self._given

    def read(self, size: int = -1) -> bytes:
        """Return the next unpacked bytes, at most ``size``; none at the end, or where it is damaged."""
        if size is None or size < 0:
            size = 1 << 16
        content = self._again[:size]
        self._again = self._again[size:]
        if not content and not self._ended:
            content = self._next(size)
        self._given += len(content)
        self._memory = (
            self._memory[-_MEMORY:] if len(self._memory) > 2 * _MEMORY else self._memory
        ) + content
        return content

    def find_record(self, after: int) -> int | None:
        """Move to the next line that begins a record, at ``after`` or behind it; return the offset in this member."""
        first = max(after - self._given + len(self._memory), 0)
        window, base = self._memory[first:], self._given - len(self._memory) + first
        while True:
            found = re.search(rb"(?:(?<=\n)|\A)WARC/[01]\.\d", window)
            if found:
                self._again = window[found.start() :] + self._again
                self._given, self._memory = base + found.start(), b""
                return self._given
            piece = self.read(1 << 16)
            if not piece:
                return None
            base, window = base + max(len(window) - 16, 0), window[-16:] + piece

    def stop_at(self, position: int, *, told_until: int | None) -> None:
        """End a plain member before its end: the file then stands at ``position`` of it.

        Bytes up to ``told_until`` (``None``: up to the next start) belong to what was read, and are not told of again.
        """
        self._again, self._ended = b"", True
        self.told_until = None if told_until is None else self.offset + told_until
        self._raw.move_to(self.offset + position)

    def check(self) -> None:
        """Raise again what reading the file raised, which the parser may have taken for an end."""
        self._raw.check()

    def drain(self) -> None:
        """Read to the end, so that the file stands behind this member."""
        self._again = b""
        while not self._ended and self._next(1 << 16):
            pass

    def _next(self, size: int) -> bytes:
        try:
            content: bytes = self._unpacker.unpack(self._raw, size)
        except Exception:  # zlib.error, zstandard.ZstdError: bytes that are no such member
            self._raw.check()
            self._ended, self.damage = True, "damaged"
            return b""
        self._left -= len(content)
        if self._left < 0:
            self._ended, self.damage = True, "too_large"
            return b""
        if not content:
            self._ended = True
            self.damage = "" if self._unpacker.is_complete else "clipped"
        return content


class _Gzip:
    """Unpacks one gzip member."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP_WBITS)

    @property
    def is_complete(self) -> bool:
        return self._inflate.eof

    def unpack(self, raw: RawStream, size: int) -> bytes:
        while not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or raw.take()
            content = self._inflate.decompress(packed, size)
            if self._inflate.eof:
                raw.move_to(raw.position - len(self._inflate.unused_data))
            if content or not packed:
                return content
        return b""


class _Zstd:
    """Unpacks one zstd frame."""

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None) -> None:
        import zstandard

        self._frame = zstandard.ZstdDecompressor(
            dict_data=dictionary, max_window_size=_MAX_WINDOW
        ).decompressobj()
        self._rest = b""

    @property
    def is_complete(self) -> bool:
        return bool(self._frame.eof)

    def unpack(self, raw: RawStream, size: int) -> bytes:
        while not self._rest and not self._frame.eof:
            packed = raw.take(_ZSTD_PIECE_BYTES)
            if not packed:
                return b""
            self._rest = self._frame.decompress(packed)
            if self._frame.eof:
                raw.move_to(raw.position - len(self._frame.unused_data))
        content, self._rest = self._rest[:size], self._rest[size:]
        return content


class _Plain:
    """Gives the bytes as they are, to the end of the file."""

    is_complete = True

    def unpack(self, raw: RawStream, size: int) -> bytes:
        return raw.take(size)


class Members:
    """The members of a file from ``raw``'s position on; ``skipped`` has the bytes before the newest that are none."""

    def __init__(self, raw: RawStream, *, budget: int) -> None:
        self.raw, self._budget = raw, budget
        self._dictionary: zstandard.ZstdCompressionDict | None = None
        self.skipped: tuple[int, bytes] | None = None

    def __iter__(self) -> Iterator[Member]:
        told_until: int | None = 0
        while True:
            self.skipped = None
            member = self._open()
            if member is None and self.raw.peek(1):
                skipped = self.find_start(self.raw.position)
                is_told = told_until is None or self.raw.position <= told_until
                self.skipped = None if is_told else skipped
                member = self._open()
            if member is not None or self.skipped is not None:
                yield member or Member(self.raw, _Plain(), budget=0)
            if member is None:
                return
            member.drain()
            told_until = member.told_until
            if member.damage:
                self.find_start(max(member.offset + 1, self.raw.position - LOOK_BACK))

    def find_start(self, position: int) -> tuple[int, bytes] | None:
        """Move to the first member at ``position`` or behind it; return offset and head of what lies before it."""
        self.raw.move_to(position)
        first, head = self.raw.position, self.raw.peek(_PROBE_BYTES)
        while window := self.raw.peek(1 << 17):
            here = self.raw.position
            for found in _START.finditer(window):
                self.raw.move_to(here + found.start())
                if self._is_start(found.group()):
                    size = self.raw.position - first
                    return (first, head[:size]) if size else None
            self.raw.move_to(here + max(len(window) - 16, 1))
        return (first, head) if head.strip(_PADDING) else None

    def _is_start(self, magic: bytes) -> bool:
        return magic.startswith(WARC) or begins_record(self.raw.peek(_PROBE_BYTES), self._dictionary)

    def _open(self) -> Member | None:
        """Return the member that begins here; padding and zstd's skippable frames before it are passed over."""
        while head := self.raw.peek(8):
            if head.startswith(GZIP):
                return Member(self.raw, _Gzip(), budget=self._budget)
            if head.startswith(ZSTD):
                return Member(self.raw, _Zstd(self._dictionary), budget=self._budget)
            if head.startswith(WARC):
                return Member(self.raw, _Plain(), budget=self._budget)
            if _SKIPPABLE.match(head) and len(head) == 8:
                self._pass_frame(head)
            elif head[:1] in (b"\r", b"\n", b"\t", b" ", b"\0"):
                self.raw.take(len(head) - len(head.lstrip(_PADDING)) or 1)
            else:
                return None
        return None

    def _pass_frame(self, head: bytes) -> None:
        """Pass over a skippable frame; the one of the IIPC's zstd convention holds the dictionary of all others."""
        import zstandard

        self.raw.take(8)
        size = int.from_bytes(head[4:8], "little")
        content, is_kept = b"", head.startswith(_DICTIONARY) and size <= _MAX_WINDOW
        while size and (piece := self.raw.take(min(size, 1 << 16))):
            content += piece if is_kept else b""
            size -= len(piece)
        if is_kept and content:
            if content.startswith(ZSTD):
                content = zstandard.ZstdDecompressor().stream_reader(content).read(_MAX_WINDOW)
            self._dictionary = zstandard.ZstdCompressionDict(content)


def begins_record(packed: bytes, dictionary: zstandard.ZstdCompressionDict | None = None) -> bool:
    """Return whether ``packed`` is the beginning of a member that unpacks to a WARC record."""
    try:
        if packed.startswith(GZIP):
            return zlib.decompressobj(_GZIP_WBITS).decompress(packed, 16).startswith(WARC)
        unpacker = _Zstd(dictionary)
        return unpacker.unpack(RawStream(_Once(packed[:_ZSTD_PIECE_BYTES])), 16).startswith(WARC)  # type: ignore[arg-type]
    except Exception:  # zlib.error, zstandard.ZstdError: the bytes are not what their first ones promise
        return False


class _Once:
    """A file of one piece of bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, _size: int) -> bytes:
        content, self._content = self._content, b""
        return content
