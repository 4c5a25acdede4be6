"""The lake: zones of files behind fsspec, attempts that nobody sees, manifests that publish them.

Path of a file: ``<zone>/<dataset>/<run_key>/attempt=<id>/<name>``; of a manifest: ``<zone>/<dataset>/<run_key>/
manifest.json``. A reader opens the manifest first and then only the files it names, so a half-written attempt does
not exist for it. Local folders, HDFS and S3 differ only in the lake's URI.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from fsspec.implementations.local import LocalFileSystem

from penstock.errors import ContractError, CorruptionError, PenstockError, StorageError
from penstock.manifest import FileEntry, Manifest, Zone
from penstock.stores import Store, hadoop_settings

_CHUNK_BYTES = 1 << 20
_SPARK_SCHEMES = {"s3": "s3a", "file": "file"}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Lake:
    """A root URI and what may be done below it."""

    def __init__(self, uri: str, **options: Any) -> None:
        self.uri = uri.rstrip("/")
        self._store = Store(self.uri, options, "penstock_lake")
        self.fs, self.root = self._store.fs, self._store.path.rstrip("/")
        self.options = options  # they may hold a secret

    def check(self) -> None:
        """Ask whether the lake can be reached at all; a local one is not asked.

        Raises:
            RecipeError: there is no such bucket, or the key is refused.
            SourceError: nobody answers.
        """
        self._store.check()

    # -- places ---------------------------------------------------------------------------------------------------

    def run_path(self, zone: Zone, dataset: str, run_key: str) -> str:
        """Return the path, from the lake's root, of everything of one run in one zone."""
        return f"{zone}/{dataset}/{run_key}"

    def full(self, path: str) -> str:
        """Return the path that the filesystem understands."""
        return f"{self.root}/{path}"

    def spark_uri(self, path: str) -> str:
        """Return the URI that Spark understands."""
        protocol = self.fs.protocol if isinstance(self.fs.protocol, str) else self.fs.protocol[0]
        if isinstance(self.fs, LocalFileSystem):
            return f"file://{self.full(path)}"
        return f"{_SPARK_SCHEMES.get(protocol, protocol)}://{self.full(path)}"

    def spark_settings(self) -> dict[str, str]:
        """Return the settings of a Spark session that opens `spark_uri`; they may hold a secret."""
        return hadoop_settings(self.uri, self.options)

    def manifest_path(self, zone: Zone, dataset: str, run_key: str) -> str:
        """Return the path of the manifest that makes a run visible."""
        return f"{self.run_path(zone, dataset, run_key)}/manifest.json"

    # -- reading --------------------------------------------------------------------------------------------------

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file for reading; a missing one is a `CorruptionError` that says what to do."""
        try:
            with self.fs.open(self.full(path), "rb") as stream:
                # A file of fsspec reads no line of bounded length; Python's own reader does.
                yield stream if isinstance(self.fs, LocalFileSystem) else io.BufferedReader(stream)
        except FileNotFoundError as error:
            message = f"lake: expected the file {self.full(path)}, but it is gone; run the stage that wrote it again"
            raise CorruptionError(message, sample_uri=self.full(path)) from error

    def find_manifest(self, zone: Zone, dataset: str, run_key: str) -> Manifest | None:
        """Return what is published, or ``None``.

        Raises:
            CorruptionError: when the manifest's bytes were changed.
        """
        path = self.manifest_path(zone, dataset, run_key)
        try:
            content = cast("bytes", self.fs.cat_file(self.full(path)))
        except FileNotFoundError:
            return None
        return Manifest.from_bytes(content, where=self.full(path))

    def manifest(self, zone: Zone, dataset: str, run_key: str) -> Manifest:
        """Return what is published.

        Raises:
            ContractError: when nothing is.
            CorruptionError: when the manifest's bytes were changed.
        """
        found = self.find_manifest(zone, dataset, run_key)
        if found is None:
            where = self.full(self.manifest_path(zone, dataset, run_key))
            message = (
                f"{dataset} {run_key}: expected a manifest of zone {zone} at {where}, found none; "
                "run the stage before this one for that date (or clear its task) and try again"
            )
            raise ContractError(message)
        return found

    def run_keys(self, zone: Zone, dataset: str) -> list[str]:
        """Return the days of ``dataset`` that are published in ``zone``, oldest first."""
        pattern = self.full(self.manifest_path(zone, dataset, "*"))
        return sorted(path.split("/")[-2] for path in self.fs.glob(pattern))

    def datasets(self, zone: Zone) -> list[str]:
        """Return the datasets that have anything published in ``zone``."""
        pattern = self.full(f"{zone}/*/*/manifest.json")
        return sorted({path.split("/")[-3] for path in self.fs.glob(pattern)})

    def verify(self, manifest: Manifest) -> None:
        """Read every file of ``manifest`` and compare size and sha256.

        Raises:
            CorruptionError: naming the files that are missing or changed.
        """
        bad = {entry.path: problem for entry in manifest.files if (problem := self._problem(entry))}
        if bad:
            listed = "; ".join(f"{self.full(path)}: {problem}" for path, problem in list(bad.items())[:3])
            message = (
                f"{manifest.dataset} {manifest.run_key} {manifest.zone}: expected {len(manifest.files)} files as "
                f"published, {len(bad)} are not: {listed}; run the stage that wrote them again: it rebuilds them"
            )
            raise CorruptionError(message, failed={"corrupt_files": len(bad)}, sample_uri=next(iter(bad)))

    def is_intact(self, manifest: Manifest) -> bool:
        """Return whether `verify` would pass."""
        return not any(self._problem(entry) for entry in manifest.files)

    def _problem(self, entry: FileEntry) -> str | None:
        full = self.full(entry.path)
        try:
            size = self.fs.size(full)
            if size != entry.bytes:
                return f"{entry.bytes} bytes expected, {size} found"
            return None if self.sha256(entry.path) == entry.sha256 else "sha256 differs"
        except FileNotFoundError:
            return "missing"

    def sha256(self, path: str) -> str:
        """Return the sha256 of a file, read in chunks."""
        digest = hashlib.sha256()
        with self.fs.open(self.full(path), "rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    # -- writing --------------------------------------------------------------------------------------------------

    def attempt(self, zone: Zone, dataset: str, run_key: str, attempt_id: str) -> Attempt:
        """Return a new attempt: a private prefix in ``zone`` (and in the zones of dropped and quarantined rows)."""
        return Attempt(self, zone, dataset, run_key, attempt_id)

    def publish(self, manifest: Manifest) -> str:
        """Make an attempt the run's published one, in one step; return the manifest's path."""
        path = self.manifest_path(manifest.zone, manifest.dataset, manifest.run_key)
        self.write_atomically(path, manifest.to_bytes())
        return path

    def write_atomically(self, path: str, content: bytes | Iterable[bytes | memoryview]) -> None:
        """Write a file, whole or in pieces, so that a reader sees the old one or the new one, also after a power cut.

        A local folder has atomic rename; an object store makes an object visible when its upload ends.
        """
        full = self.full(path)
        with storage_errors(full):
            if not isinstance(self.fs, LocalFileSystem):
                self._upload(full, content)
                return
            target = Path(full)
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f"{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
            try:
                with temporary.open("wb") as stream:
                    for piece in [content] if isinstance(content, bytes) else content:
                        stream.write(piece)
                    stream.flush()
                    os.fsync(stream.fileno())
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)

    def _upload(self, full: str, content: bytes | Iterable[bytes | memoryview]) -> None:
        if isinstance(content, bytes):
            self.fs.pipe_file(full, content)
            return
        try:
            with self.fs.open(full, "wb") as stream:
                for piece in content:
                    stream.write(piece)
        except BaseException:
            self.remove(
                full.removeprefix(f"{self.root}/")
            )  # closing it has made visible what was written so far
            raise

    def remove(self, path: str) -> None:
        """Remove a file or everything below a prefix; nothing there is fine."""
        if self.fs.exists(self.full(path)):
            self.fs.rm(self.full(path), recursive=True)


class Attempt:
    """A private prefix of one try of one stage; what it writes is unseen until a manifest names it."""

    def __init__(self, lake: Lake, zone: Zone, dataset: str, run_key: str, attempt_id: str) -> None:
        self.lake = lake
        self.zone, self.dataset, self.run_key, self.id = zone, dataset, run_key, attempt_id
        self.files: list[FileEntry] = []

    def path(self, name: str = "", *, zone: Zone | None = None) -> str:
        """Return the path, from the lake's root, of ``name`` in this attempt."""
        prefix = f"{self.lake.run_path(zone or self.zone, self.dataset, self.run_key)}/attempt={self.id}"
        return f"{prefix}/{name}" if name else prefix

    def name_of(self, entry: FileEntry) -> str:
        """Return the name under which a file of this attempt was created."""
        return entry.path.split(f"/attempt={self.id}/", 1)[1]

    @contextmanager
    def create(
        self, name: str, *, rows: int | None = None, zone: Zone | None = None
    ) -> Iterator[HashingWriter]:
        """Open a new file; when the block ends well, it is an entry with its bytes, sha256 and ``rows``."""
        path = self.path(name, zone=zone)
        full = self.lake.full(path)
        with storage_errors(full):
            self.lake.fs.makedirs(full.rsplit("/", 1)[0], exist_ok=True)
            with self.lake.fs.open(full, "wb") as stream:
                writer = HashingWriter(stream, rows)
                yield writer
        self.files.append(FileEntry(path=path, bytes=writer.bytes, sha256=writer.sha256, rows=writer.rows))

    def adopt(
        self, folder: str = "", *, zone: Zone | None = None, only: Collection[str] | None = None
    ) -> list[FileEntry]:
        """Take in the Parquet files that Spark wrote below ``folder`` of this attempt: size, sha256 and rows of each.

        A file goes to ``zone`` (by default it stays); ``_SUCCESS`` and checksum files are left out, and with ``only``
        every file whose path from the lake's root it does not name (a task that was run twice leaves two).
        """
        lake, source = self.lake, self.path(folder)
        found = sorted(lake.fs.find(lake.full(source)))
        entries: list[FileEntry] = []
        for full in found:
            name = full.rsplit("/", 1)[1]
            if name.startswith(("_", ".")) or not name.endswith(".parquet"):
                continue
            if only is not None and full.removeprefix(f"{lake.root}/") not in only:
                continue
            path = self.path(name, zone=zone)
            if lake.full(path) != full:
                lake.fs.makedirs(lake.full(path).rsplit("/", 1)[0], exist_ok=True)
                lake.fs.mv(full, lake.full(path))
            entries.append(self._entry(path))
        self.files += entries
        return entries

    def _entry(self, path: str) -> FileEntry:
        from pyarrow import parquet

        with self.lake.fs.open(self.lake.full(path), "rb") as stream:
            rows = parquet.read_metadata(stream).num_rows
        size = self.lake.fs.size(self.lake.full(path))
        return FileEntry(path=path, bytes=size, sha256=self.lake.sha256(path), rows=rows)

    def discard(self) -> None:
        """Remove everything that this attempt wrote; for an attempt that is not published."""
        for zone in {self.zone, Zone.DROPPED, Zone.QUARANTINE, Zone.ARTEFACT}:
            self.lake.remove(self.path(zone=zone))


class HashingWriter:
    """A binary file that counts and hashes what is written through it; ``rows`` may be set before it closes."""

    def __init__(self, stream: IO[bytes], rows: int | None) -> None:
        self._stream, self._digest = stream, hashlib.sha256()
        self.bytes, self.rows = 0, rows

    def write(self, content: bytes | memoryview) -> int:
        """Write all of ``content``."""
        self._digest.update(content)
        size = len(content) if isinstance(content, bytes) else content.nbytes
        self._stream.write(content)
        self.bytes += size
        return size

    @property
    def sha256(self) -> str:
        """The digest of what was written so far."""
        return self._digest.hexdigest()

    closed = False

    def flush(self) -> None:
        """Hand what is buffered to the filesystem."""
        self._stream.flush()

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self.bytes

    def writable(self) -> bool:
        """Return true: pyarrow asks before it writes."""
        return True

    def readable(self) -> bool:
        """Return false: what is written cannot be read back here."""
        return False

    def seekable(self) -> bool:
        """Return false: bytes are hashed in the order in which they come."""
        return False

    def close(self) -> None:
        """Leave the file to the block that opened it."""


@contextmanager
def storage_errors(where: str) -> Iterator[None]:
    """Turn a full disk into a `StorageError` that says where, and that nothing was published."""
    try:
        yield
    except PenstockError:
        raise
    except OSError as error:
        if error.errno not in _FULL:
            raise
        message = (
            f"lake: expected room to write {where}, but the disk or quota is full ({os.strerror(error.errno)}); "
            "nothing was published: free space (penstock lake gc) and run the task again"
        )
        raise StorageError(message) from error
