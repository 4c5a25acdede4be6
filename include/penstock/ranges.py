"""A remote file that is read by ranges: block by block, each asked for again after a cut, all of one version."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from fsspec.asyn import AsyncFileSystem

from penstock.errors import SourceError
from penstock.stores import ChangedError, changed

if TYPE_CHECKING:
    from penstock.stores import Store

BLOCK_BYTES = 8 << 20
ATTEMPTS = 6
_VERSION = (
    "size",
    "ETag",
    "etag",
    "md5",
    "Content-MD5",
    "LastModified",
    "Last-Modified",
    "mtime",
    "generation",
)


class RangeReader(io.RawIOBase):
    """Reads a file of a store; memory is that of one block (8 MB).

    The file's version (size, entity tag, time of change) is that of the moment of opening. It is looked at again after
    each cut and before the last block is given, and S3 says it with each block: a reader that reaches the end has read
    one version, every other one gets a `ChangedError`. One that stops before the end calls `check`.
    """

    def __init__(
        self, store: Store, path: str, *, block_bytes: int = BLOCK_BYTES, attempts: int = ATTEMPTS
    ) -> None:
        super().__init__()
        self._store, self._path = store, path
        self._block_bytes, self._attempts = block_bytes, attempts
        self._where = store.named(store.fs.unstrip_protocol(path))
        self._at, self._start, self._block = 0, 0, b""
        self._file: Any = None
        self._version = self._asked(self._look)
        self.size = self._size()

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return true: a range may begin anywhere."""
        return True

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset; what lies between is never asked for."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with the next bytes, as far as the block at hand has them.

        Raises:
            ChangedError: the file became another one.
            SourceError: the store is in trouble, also after some attempts.
            RecipeError: it refuses the key.
        """
        if self._at >= self.size:
            return 0
        if not self._start <= self._at < self._start + len(self._block):
            self._fetch()
        begin = self._at - self._start
        piece = self._block[begin : begin + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def check(self) -> None:
        """Compare the file's version with that of the moment of opening.

        Raises:
            ChangedError: it is another one.
        """
        self._compare(self._asked(self._look))

    def close(self) -> None:
        """Give the block and the connection back."""
        self._block = b""
        self._file = None
        super().close()

    def _fetch(self) -> None:
        end = min(self._at + self._block_bytes, self.size)
        self._start, self._block = self._at, b""
        try:
            self._block = self._asked(lambda: self._range(self._start, end))
            if end == self.size:
                self.check()
        except FileNotFoundError:
            raise changed(self._where, "no file any more") from None

    def _range(self, start: int, end: int) -> bytes:
        if self._file is None:
            self._compare(self._look())
            # Each read is one request of its own: a cache of fsspec would hold and ask for more than is wanted.
            plain = {"cache_type": "none"} if isinstance(self._store.fs, AsyncFileSystem) else {}
            self._file = self._store.fs.open(self._path, "rb", **plain)
        self._file.seek(start)
        content: bytes = self._file.read(end - start)
        if len(content) != end - start:
            message = f"expected the bytes {start} to {end} of {self._where}, got {len(content)}"
            raise EOFError(message)
        return content

    def _look(self) -> dict[str, str]:
        info = self._store.fs.info(self._path)
        return {name: str(info[name]) for name in _VERSION if info.get(name) is not None}

    def _compare(self, version: dict[str, str]) -> None:
        other = {name: f"{self._version.get(name)} → {version.get(name)}" for name in {*self._version, *version}
                 if self._version.get(name) != version.get(name)}  # fmt: skip
        if other:
            raise changed(self._where, ", ".join(f"{name} {what}" for name, what in sorted(other.items())))

    def _size(self) -> int:
        if "size" not in self._version:
            message = (
                f"store: expected the size of {self._where}, the server does not say it; read it with the source "
                "kind http, which needs none"
            )
            raise SourceError(message)
        return int(self._version["size"])

    def _asked(self, ask: Any) -> Any:
        """Return what ``ask`` returns, asked again with growing waits while the way to the store is in trouble."""
        import stamina

        for attempt in stamina.retry_context(
            on=_is_passing, attempts=self._attempts, timeout=None, wait_initial=0.3, wait_max=10
        ):
            with attempt, self._store.errors(self._store.fs.unstrip_protocol(self._path)):
                try:
                    return ask()
                except BaseException:
                    self._file = None
                    raise
        raise AssertionError  # retry_context returns or raises


def _is_passing(error: Exception) -> bool:
    return isinstance(error, SourceError) and not isinstance(error, ChangedError)
