"""Members of archives, nested ones too, unpacked into the cache once; bombs and paths that lead out are refused."""

from __future__ import annotations

import bz2
import fnmatch
import gzip
import io
import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, cast

from penstock.errors import ContractError
from penstock.ingest.cache import Cache, key_of
from penstock.lake import storage_errors

_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    struct.error,
    OSError,
    RuntimeError,
)
_MAX_MEMBERS = 200_000
_LOCK_S = 600


@dataclass(frozen=True)
class Unpacked:
    """A member that lies in the cache: its path in the archive, and its content."""

    path: str
    sha256: str
    bytes: int


def unpack(cache: Cache, sha256: str, pattern: str, *, max_bytes: int, where: str) -> list[Unpacked]:
    """Return the members of the archive ``sha256`` in the cache that fit ``pattern``, sorted by path.

    ``pattern`` is a path with ``*``, ``?`` and ``[...]``, from the archive's root or from its only top folder;
    ``inner.tar.gz!path`` reaches into an archive inside. At most ``max_bytes`` are unpacked to find them.

    Raises:
        ContractError: the archive is damaged, unpacks to more than that, names a member outside of itself, or has none
            that fits; ``where`` names it.
    """
    key = key_of("members", sha256, pattern)
    with cache.lock(key, _LOCK_S):
        known = [Unpacked(**item) for item in cache.recall(key).get("members", [])]
        if known and all(cache.has(item.sha256) for item in known):
            return known
        with cache.open(sha256) as archive:
            budget = _Budget(max_bytes, where)
            with _damage_named(where):
                found = sorted(
                    _unpack(cache, archive, pattern.split("!"), budget), key=lambda item: item.path
                )
        cache.note(key, {"members": [vars(item) for item in found]})
    return found


def _unpack(cache: Cache, archive: IO[bytes], patterns: list[str], budget: _Budget) -> list[Unpacked]:
    found: list[Unpacked] = []
    for name, stream in _walk(archive, patterns[0], budget):
        if len(patterns) == 1:
            digest, size = cache.put(stream)
            found.append(Unpacked(name, digest, size))
            continue
        with storage_errors(str(cache.folder)), tempfile.TemporaryFile(dir=cache.folder) as inner:
            while chunk := stream.read(1 << 20):
                inner.write(chunk)
            inner.seek(0)
            nested = _unpack(cache, cast("IO[bytes]", inner), patterns[1:], budget)
            found += [Unpacked(f"{name}!{item.path}", item.sha256, item.bytes) for item in nested]
    if not found:
        message = (
            f"archive: expected members like {'!'.join(patterns)} in {budget.where}, found none; "
            "list the archive and correct ingest.source: members"
        )
        raise ContractError(message, failed={"missing_members": 1}, sample_uri=budget.where)
    return found


def _walk(archive: IO[bytes], pattern: str, budget: _Budget) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the regular files that fit, each to be read before the next."""
    head = archive.read(6)
    archive.seek(0)
    walk = _walk_zip if head.startswith(b"PK") else _walk_tar
    for count, (name, is_file, open_member) in enumerate(walk(archive, head, budget), start=1):
        if count > _MAX_MEMBERS:
            budget.refuse(f"more than {_MAX_MEMBERS} members")
        if not _fits(name, pattern):
            continue
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not is_file:
            budget.refuse(f"the member {name!r}, which is no plain file inside of it")
        with open_member() as stream:
            yield name, _reader(_Counting(stream, budget))


@contextmanager
def _damage_named(where: str) -> Iterator[None]:
    """Turn what the unpackers raise on bad bytes into a `ContractError`; errors of the disk have an errno and pass."""
    try:
        yield
    except _DAMAGE as error:
        if getattr(error, "errno", None) is not None:
            raise
        message = (
            f"archive: expected a whole archive at {where}, got damaged or cut bytes "
            f"({type(error).__name__}: {error}); fetch it again"
        )
        raise ContractError(message, failed={"damaged_files": 1}, sample_uri=where) from error


def _fits(name: str, pattern: str) -> bool:
    below_top = name.split("/", 1)[1] if "/" in name else name
    return fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(below_top, pattern)


def _walk_zip(archive: IO[bytes], _head: bytes, _budget: _Budget) -> Iterator[tuple[str, bool, Any]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            kind = (
                info.external_attr >> 28
            )  # the file type of Unix modes; 0 when made elsewhere, 8 is a plain file
            if not info.is_dir():
                yield info.filename, kind in (0, 8), lambda info=info: opened.open(info)


def _walk_tar(archive: IO[bytes], head: bytes, budget: _Budget) -> Iterator[tuple[str, bool, Any]]:
    plain = _reader(_Counting(_decompressed(archive, head), budget))
    with tarfile.open(fileobj=plain, mode="r|") as opened:
        for info in opened:
            if not info.isdir():
                yield info.name, info.isreg(), lambda info=info: opened.extractfile(info)


def _decompressed(archive: IO[bytes], head: bytes) -> IO[bytes]:
    if head.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=archive))
    if head.startswith(b"BZh"):
        return cast("IO[bytes]", bz2.BZ2File(archive))
    if head.startswith(b"\xfd7zXZ\0"):
        return cast("IO[bytes]", lzma.LZMAFile(archive))
    return archive


def _reader(raw: io.RawIOBase) -> IO[bytes]:
    return io.BufferedReader(raw, 1 << 18)


class _Budget:
    """How many bytes may still be unpacked."""

    def __init__(self, max_bytes: int, where: str) -> None:
        self.left, self.max_bytes, self.where = max_bytes, max_bytes, where

    def spend(self, size_bytes: int) -> None:
        self.left -= size_bytes
        if self.left < 0:
            self.refuse(f"more than {self.max_bytes} bytes when it is unpacked")

    def refuse(self, came: str) -> None:
        message = (
            f"archive: expected a harmless archive at {self.where}, got {came}; nothing of it was used: "
            "correct members, or raise ingest.source.max_unpacked_mb if it is right"
        )
        raise ContractError(message, failed={"refused_archives": 1}, sample_uri=self.where)


class _Counting(io.RawIOBase):
    """Reads, and stops when the budget is spent: the sizes in an archive's headers may lie."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        super().__init__()
        self._stream, self._budget = stream, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(len(buffer))
        self._budget.spend(len(content))
        buffer[: len(content)] = content
        return len(content)
