"""A stream of bytes that only goes forward, with a little memory of what it gave: enough to look for a start again."""

from __future__ import annotations

from typing import IO

LOOK_BACK = 1 << 20
_CHUNK_BYTES = 1 << 18
_PIECE_BYTES = 1 << 15


class RawStream:
    """Gives the bytes of ``stream`` in pieces; the last `LOOK_BACK` bytes can be given again.

    ``position`` counts from the beginning of the file, of which ``start`` bytes were skipped by the caller.
    """

    def __init__(self, stream: IO[bytes], start: int = 0) -> None:
        self._stream = stream
        self._buffer, self._at, self._base = b"", 0, start
        self._ended = False
        self._failure: Exception | None = None

    @property
    def position(self) -> int:
        """The offset of the next byte."""
        return self._base + self._at

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer at the end, and stay before them."""
        while len(self._buffer) - self._at < size and self._fill():
            pass
        return self._buffer[self._at : self._at + size]

    def take(self, limit: int = _PIECE_BYTES) -> bytes:
        """Return the next bytes, at most ``limit``; none at the end."""
        if self._at >= len(self._buffer):
            self._fill()
        piece = self._buffer[self._at : self._at + limit]
        self._at += len(piece)
        return piece

    def move_to(self, position: int) -> None:
        """Make ``position``, or the oldest offset that is remembered, that of the next byte."""
        self._at = min(max(position - self._base, 0), len(self._buffer))

    def check(self) -> None:
        """Raise again what reading the file raised: trouble of a disk or a store is no damage of an archive."""
        if self._failure is not None:
            raise self._failure

    def _fill(self) -> bool:
        self.check()
        if self._ended:
            return False
        try:
            chunk = self._stream.read(_CHUNK_BYTES)
        except Exception as error:
            self._failure = error
            raise
        if not chunk:
            self._ended = True
            return False
        cut = max(self._at - LOOK_BACK, 0)
        self._buffer = self._buffer[cut:] + chunk
        self._base += cut
        self._at -= cut
        return True
