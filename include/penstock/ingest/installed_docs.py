"""A source that is there on every machine: the documentation of the installed Python packages, as a crawl archive."""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackagePath, distributions
from pathlib import Path
from typing import IO, Literal, cast

from pydantic import Field

from penstock.days import parse_run_key
from penstock.ingest.replay_by_hash import ReplayByHash
from penstock.ingest.source import Item, Source
from penstock.lake import Lake

_SPOOL_BYTES = 8 << 20
_TYPES = {".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8"}


class InstalledDocsSource(Source):
    """READMEs, licences, metadata and HTML pages of installed distributions, written as one WARC file a day.

    ``files`` are patterns of paths in a distribution, without regard to case. The packages are static: they are
    replayed as `penstock.ingest.replay_by_hash.ReplayByHash` does, a file's path in its package picks its day, and any
    ``cycle_days`` successive days are all of them. Files of more than ``max_file_kb`` (kilobytes) are left out.
    """

    kind: Literal["installed_docs"] = "installed_docs"
    files: tuple[str, ...] = (
        "*.dist-info/metadata",
        "*.dist-info/*licen[cs]e*",
        "*.dist-info/*notice*",
        "*.md",
        "*.rst",
        "*.htm",
        "*.html",
    )
    cycle_days: int = Field(default=7, ge=1, le=3660)
    max_file_kb: int = Field(default=1024, ge=1)

    def items(self, run_key: str, lake: Lake) -> Iterator[Item]:
        """Yield the day's archive; none when no file is of the day."""
        found = sorted(self._files(run_key), key=lambda pair: pair[0])
        if found:
            yield Item(
                "installed_docs.warc.gz",
                "pkg:pypi",
                partial(_open, found, run_key),
                {"files": len(found), "distributions": len({url.split("#")[0] for url, _ in found})},
            )

    def _files(self, run_key: str) -> Iterator[tuple[str, PackagePath]]:
        """Yield address and file of each document of the day, each address once."""
        replay = ReplayByHash(cycle_days=self.cycle_days)
        wanted = parse_run_key(run_key).toordinal() % self.cycle_days
        seen: set[str] = set()
        for distribution in distributions():
            metadata = distribution.metadata
            name, version = str(metadata["Name"]).lower(), metadata["Version"]
            for file in distribution.files or ():
                path = file.as_posix()
                url = f"pkg:pypi/{name}@{version}#{path}"
                if not self._fits(path) or ".." in file.parts or url in seen:
                    continue
                if replay.slice_of(f"{name}#{_unversioned(path)}".encode()) == wanted and self._is_small(
                    file
                ):
                    seen.add(url)
                    yield url, file

    def _fits(self, path: str) -> bool:
        return bool(self._pattern.match(path.lower()))

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(fnmatch.translate(pattern.lower()) for pattern in self.files))

    def _is_small(self, file: PackagePath) -> bool:
        try:
            return 0 < Path(file.locate()).stat().st_size <= self.max_file_kb << 10
        except OSError:  # listed by its distribution, but removed
            return False


def _unversioned(path: str) -> str:
    """Return a path that stays the same when its package is upgraded."""
    first, _, rest = path.partition("/")
    return rest if first.endswith(".dist-info") else path


@contextmanager
def _open(found: list[tuple[str, PackagePath]], run_key: str) -> Iterator[IO[bytes]]:
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
        stream = cast("IO[bytes]", spool)
        write_archive(
            stream,
            ((url, Path(file.locate()).read_bytes()) for url, file in found),
            run_key=run_key,
        )
        stream.seek(0)
        yield stream


def write_archive(stream: IO[bytes], documents: Iterator[tuple[str, bytes]], *, run_key: str) -> None:
    """Write a WARC file of a gzip member a document (address, content); the same documents give the same bytes."""
    from fastwarc.stream_io import GzipWriter
    from fastwarc.warc import WarcRecord, WarcRecordType

    day = datetime.combine(parse_run_key(run_key), datetime.min.time(), UTC)
    for url, content in documents:
        suffix = "." + url.rsplit(".", 1)[-1].lower()
        record = WarcRecord()
        urn = hashlib.blake2b(url.encode() + b"\0" + content, digest_size=16).hexdigest()
        record.init_headers(WarcRecordType.resource, record_urn=urn.encode())
        record.record_date = day
        record.headers["WARC-Target-URI"] = url
        record.headers["Content-Type"] = _TYPES.get(suffix, "text/plain; charset=utf-8")
        record.set_bytes_content(content)
        member = GzipWriter(stream)
        record.write(member, checksum_data=True)
        member.finish()
