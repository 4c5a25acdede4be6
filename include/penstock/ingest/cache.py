"""A cache of fetched bytes in the lake, named by their sha256: nothing is fetched twice, a cut download goes on.

``01_landing/_cache/blobs/<ab>/<sha256>`` holds contents, ``notes/`` what is known about an address, ``partial/``
downloads on the way. A blob appears whole or not at all and is checked each time before it is used.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from fsspec.implementations.local import LocalFileSystem

from penstock.errors import CorruptionError, SourceError
from penstock.lake import Lake, storage_errors
from penstock.manifest import Zone

logger = logging.getLogger(__name__)

ROOT = f"{Zone.LANDING}/_cache"
_CHUNK_BYTES = 1 << 20


def key_of(*parts: str) -> str:
    """Return a file name for ``parts``, which may be long or secret."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Cache:
    """The cache of one lake; any number of processes may use it at once."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.folder = _local_folder(lake)

    def has(self, sha256: str) -> bool:
        """Return whether the content is here and intact; a damaged blob is removed, and that is said."""
        path = _blob_path(sha256)
        try:
            if self.lake.sha256(path) == sha256:
                return True
        except FileNotFoundError:
            return False
        logger.warning("cache: %s is damaged and was removed; it is fetched again", self.lake.full(path))
        self.lake.remove(path)
        return False

    def open(self, sha256: str) -> AbstractContextManager[IO[bytes]]:
        """Open a content that `has` has checked."""
        return self.lake.open(_blob_path(sha256))

    def opener(self, sha256: str) -> Callable[[], AbstractContextManager[IO[bytes]]]:
        """Return a function that checks a content again and opens it."""
        return partial(self._open_checked, sha256)

    def _open_checked(self, sha256: str) -> AbstractContextManager[IO[bytes]]:
        if self.has(sha256):
            return self.open(sha256)
        message = f"cache: expected the content {sha256}, which was there a moment ago, it is gone; run the task again"
        raise SourceError(message)

    def adopt(self, path: Path, sha256: str) -> None:
        """Move a finished local file into the cache, in one step; ``sha256`` is that of its bytes."""
        full = self.lake.full(_blob_path(sha256))
        with storage_errors(full):
            self.lake.fs.makedirs(full.rsplit("/", 1)[0], exist_ok=True)
            if isinstance(self.lake.fs, LocalFileSystem):
                with path.open("rb") as stream:
                    os.fsync(stream.fileno())
                path.replace(full)
            else:
                self.lake.fs.put_file(str(path), full)
                path.unlink()

    def put(self, stream: IO[bytes]) -> tuple[str, int]:
        """Copy ``stream`` into the cache; return the content's sha256 and bytes."""
        digest = hashlib.sha256()
        with (
            storage_errors(str(self.folder)),
            tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as copy,
        ):
            path = Path(copy.name)
            try:
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    copy.write(chunk)
                size = copy.tell()
            except BaseException:
                path.unlink()
                raise
        self.adopt(path, digest.hexdigest())
        return digest.hexdigest(), size

    def recall(self, key: str) -> dict[str, Any]:
        """Return what was noted under ``key``; nothing, when there is no note or it cannot be read."""
        try:
            note = json.loads(self.lake.fs.cat_file(self.lake.full(_note_path(key))))
        except (FileNotFoundError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def note(self, key: str, values: dict[str, Any]) -> None:
        """Keep small JSON values under ``key``."""
        self.lake.write_atomically(_note_path(key), json.dumps(values, sort_keys=True).encode())

    def partial(self, key: str) -> Path:
        """Return the local file in which the download ``key`` grows, and from which it goes on after a cut."""
        return self.folder / f"{key}.part"

    @contextmanager
    def lock(self, key: str, timeout_s: float) -> Iterator[None]:
        """Let one process at a time work on ``key``; the kernel frees it when its holder dies.

        Raises:
            SourceError: another process held it for ``timeout_s`` (seconds).
        """
        from filelock import FileLock, Timeout

        path = self.folder / f"{key}.lock"
        try:
            with FileLock(path, timeout=timeout_s):
                yield
        except Timeout as error:
            message = (
                f"cache: expected the lock {path} within {timeout_s:g} s, another process is still fetching the same; "
                "run the task again"
            )
            raise SourceError(message) from error


def sha256_of(path: Path) -> str:
    """Return the sha256 of a local file.

    Raises:
        CorruptionError: it is gone.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        message = (
            f"cache: expected the download {path}, it is gone; was the cache cleaned? run the task again"
        )
        raise CorruptionError(message) from error


def _blob_path(sha256: str) -> str:
    return f"{ROOT}/blobs/{sha256[:2]}/{sha256}"


def _note_path(key: str) -> str:
    return f"{ROOT}/notes/{key}.json"


def _local_folder(lake: Lake) -> Path:
    """Return where downloads grow: beside the blobs, or for a lake elsewhere in this machine's temporary folder."""
    if isinstance(lake.fs, LocalFileSystem):
        folder = Path(lake.full(f"{ROOT}/partial"))
    else:
        folder = Path(tempfile.gettempdir()) / f"penstock-{key_of(lake.uri)[:16]}"
    with storage_errors(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
    return folder
