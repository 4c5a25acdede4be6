"""The ingest stage: what a source has for a day, as landing files, byte for byte.

`penstock.stage` is imported when a stage runs: it knows the recipe, and the recipe asks this package for its sources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from penstock.archive.frames import count_frames
from penstock.days import parse_run_key
from penstock.errors import ContractError, RecipeError
from penstock.ingest.feed import NoDayError
from penstock.ingest.records import is_blank, read_records
from penstock.ingest.source import Item
from penstock.lake import Attempt, HashingWriter
from penstock.manifest import Zone
from penstock.receipt import Outcome, Receipt, Stage

if TYPE_CHECKING:
    from penstock.ingest.section import IngestSection
    from penstock.stage import Run

_MB = 1 << 20


def ingest(run: Run) -> Receipt:
    """Bring what the recipe's source has for the run's day into the landing zone.

    Rows are the day's records. The manifest's ``extra["files"]`` keeps each file's ``origin_uri`` and ``provenance``.

    Raises:
        RecipeError: the day is before the dataset's ``start``.
        SourceError: the source is in trouble, or the lake is full; nothing was published.
        ContractError: what came is not what was promised; nothing was published.
    """
    from penstock.stage import StageSpec, perform

    section = run.recipe.ingest
    landing = _Landing(section, run.run_key)
    spec = StageSpec(
        stage=Stage.INGEST,
        zone=Zone.LANDING,
        inputs=section.inputs(),
        fingerprint_from_files=True,
        extra=lambda: {"files": landing.origins},
    )

    def work(attempt: Attempt, _fingerprint: str) -> Outcome:
        _check_start(run)
        source = section.source.connected(run.connection)
        return landing.fill(attempt, source.items(run.run_key, run.lake))

    return perform(run, spec, work)


def _check_start(run: Run) -> None:
    if parse_run_key(run.run_key) < run.recipe.start:
        message = (
            f"{run.recipe.dataset} {run.run_key}: expected a day from {run.recipe.start} on (the recipe's start), "
            "got an earlier one; run a later day, or move start in the recipe"
        )
        raise RecipeError(message)


class _Copy:
    """A stream that writes what is read of it."""

    def __init__(self, stream: IO[bytes], writer: HashingWriter) -> None:
        self._stream, self._writer = stream, writer

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        if content:
            self._writer.write(content)
        return content


class _Landing:
    """One attempt at a day's landing files: writes them, and counts."""

    def __init__(self, section: IngestSection, run_key: str) -> None:
        self.section, self.run_key = section, run_key
        self.origins: dict[str, dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()
        self.missing: list[str] = []

    def fill(self, attempt: Attempt, items: Iterator[Item]) -> Outcome:
        """Write every item's records of the day."""
        self.origins.clear()
        self.counts.clear()
        for item in items:
            if item.is_missing:
                self.missing.append(item.origin_uri)
                continue
            self._check_name(item)
            self.origins[item.name] = {"origin_uri": item.origin_uri, "provenance": dict(item.provenance)}
            self._land(attempt, item)
        kept = {attempt.name_of(entry) for entry in attempt.files}
        for name in set(self.origins) - kept:
            del self.origins[name]
        return self._outcome(attempt)

    def _check_name(self, item: Item) -> None:
        path = PurePosixPath(item.name)
        if not item.name or path.is_absolute() or ".." in path.parts or item.name in self.origins:
            problem = "twice" if item.name in self.origins else "and it leads out of the landing folder"
            message = (
                f"ingest: expected files with different names below the landing folder, got {item.name!r} {problem} "
                f"({item.origin_uri}); give it a name in ingest.source"
            )
            raise ContractError(message, failed={"bad_file_names": 1}, sample_uri=item.origin_uri)

    def _land(self, attempt: Attempt, item: Item) -> None:
        """Write one file; a feed that finds nothing of the day in it writes none."""
        if self.section.records == "archive":
            self._land_archive(attempt, item)
            return
        rows = 0
        with ExitStack() as stack:
            writer = stack.enter_context(attempt.create(item.name)) if self.section.feed is None else None
            head = b""
            for is_row, content in self._pieces(item):
                if not is_row and self.section.feed is not None:
                    head = content
                    continue
                if writer is None:
                    writer = stack.enter_context(attempt.create(item.name))
                    writer.write(head)
                writer.write(content)
                rows += is_row
            if writer is not None:
                writer.rows = rows
        self.counts["rows"] += rows

    def _land_archive(self, attempt: Attempt, item: Item) -> None:
        """Copy an archive as it is; its records, and what should be records, are counted on the way."""
        bound = self.section.max_record_mb * _MB
        with attempt.create(item.name) as writer, item.open() as stream:
            copy: Any = _Copy(stream, writer)
            writer.rows = count_frames(copy, max_bytes=bound)
            while copy.read(_MB):
                pass
        self.counts["rows"] += writer.rows
        self.counts["bytes"] += writer.bytes

    def _pieces(self, item: Item) -> Iterator[tuple[bool, bytes]]:
        """Yield what is to be written: whether it is a row, and its bytes."""
        section, header = self.section, None
        with item.open() as stream:
            bound = section.max_record_mb * _MB
            records: Any = section.records
            for line, record in read_records(stream, records, max_bytes=bound, where=item.origin_uri):
                self.counts["bytes"] += len(record)
                if section.header and line == 1:
                    header = record
                    yield False, record
                elif section.records != "file" and is_blank(record):
                    self.counts["blank"] += 1
                    if section.feed is None:
                        yield False, record
                elif self._belongs(record, header):
                    yield True, record

    def _belongs(self, record: bytes, header: bytes | None) -> bool:
        feed = self.section.feed
        try:
            return feed is None or feed.belongs(record, header, self.run_key)
        except NoDayError:
            self.counts["undated"] += 1
            return False

    def _outcome(self, attempt: Attempt) -> Outcome:
        rows = self.counts["rows"]
        if rows == 0 and self.section.empty == "fail":
            message = (
                f"{attempt.dataset} {attempt.run_key}: expected records of the day, the source has none; run the day "
                "again when they are there, or allow empty days with ingest.empty: publish"
            )
            raise ContractError(message, failed={"empty_day": 1})
        return Outcome(
            rows_in=rows, rows_out=rows, bytes_in=self.counts["bytes"], notes=tuple(self._notes(rows))
        )

    def _notes(self, rows: int) -> Iterator[str]:
        if rows == 0:
            yield "the source has no record of this day; an empty day was published"
        if self.counts["blank"]:
            yield f"{self.counts['blank']} blank lines are no records"
        if self.missing:
            yield f"{len(self.missing)} files are missing at the source: {', '.join(self.missing[:5])}"
        if self.counts["undated"]:
            yield f"{self.counts['undated']} records without a readable date belong to no day"
