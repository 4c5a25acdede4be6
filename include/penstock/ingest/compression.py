"""Compressed sources, unpacked on the way; damage is named by file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Literal

from penstock.errors import ContractError

Compression = Literal["infer", "none"]

_CODECS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
_BUFFER_BYTES = 1 << 18


def codec_of(name: str, compression: Compression) -> str | None:
    """Return the codec that the suffix of ``name`` promises, if it is to be unpacked."""
    if compression == "none":
        return None
    return next((codec for suffix, codec in _CODECS.items() if name.lower().endswith(suffix)), None)


def plain_name(name: str, compression: Compression) -> str:
    """Return ``name`` without the suffix of its compression."""
    return name if codec_of(name, compression) is None else name.rsplit(".", 1)[0]


@contextmanager
def open_plain(raw: IO[bytes], origin_uri: str, compression: Compression) -> Iterator[IO[bytes]]:
    """Give the unpacked bytes of ``raw`` and close it; ``origin_uri`` decides the codec and is named in errors.

    Raises:
        ContractError: while it is read, when the file is cut short, damaged, or cannot be read.
    """
    import pyarrow as pa

    with raw:
        codec = codec_of(origin_uri.split("?", 1)[0], compression)
        stream = raw if codec is None else pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), codec)
        yield io.BufferedReader(_Guarded(stream.read, origin_uri, codec), _BUFFER_BYTES)


class _Guarded(io.RawIOBase):
    """Reads, and turns what goes wrong with the bytes into a `ContractError` that names the file."""

    def __init__(self, read: Callable[[int], bytes], origin_uri: str, codec: str | None) -> None:
        super().__init__()
        self._read, self._origin_uri, self._codec = read, origin_uri, codec

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._read(len(buffer))
        except (OSError, EOFError, ValueError) as error:
            promised = f"whole {self._codec} file" if self._codec else "readable file"
            message = (
                f"source: expected a {promised} at {self._origin_uri}, got damaged or cut bytes ({error}); "
                "nothing was published: have it sent again, or move it away"
            )
            raise ContractError(message, failed={"damaged_files": 1}, sample_uri=self._origin_uri) from error
        buffer[: len(content)] = content
        return len(content)
