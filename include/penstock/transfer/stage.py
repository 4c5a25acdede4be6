"""The transfer stage: landing files become raw Parquet shards, every record with its identity and provenance.

`penstock.stage` is imported when a stage runs: it knows the recipe, and the recipe asks this package for its decoders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from penstock.errors import ContractError
from penstock.lake import Attempt
from penstock.manifest import FileEntry, Manifest, Zone
from penstock.receipt import Outcome, Receipt, Stage
from penstock.transfer.column import arrow_type
from penstock.transfer.reading import LandingFile, Reader, Record, provenance, rule_for
from penstock.transfer.shards import ShardLimits, ShardWriter

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.stage import Run
    from penstock.transfer.section import TransferSection

_QUARANTINED_BYTES = 1 << 16  # enough of a bad record to judge it; provenance leads to the whole


def transfer(run: Run) -> Receipt:
    """Decode the run's landing files into the raw zone.

    Columns out: ``doc_id`` (32 hex digits), ``run_key``, the recipe's columns, and ``provenance`` (origin_uri,
    landing_file, line, sha256 of the record without its line end). A record that cannot be decoded goes to quarantine
    with ``reason``, ``detail``, ``raw`` (its first 64 KB), ``raw_bytes`` and provenance. Records of an archive that the
    decoder is told to leave out (requests, other content types …) are counted as dropped, by reason; the landing zone
    has them.

    Raises:
        ContractError: landing is missing or changed, a file fits no decoder, or there is a bad record
            with ``on_bad_record: fail``.
        ConservationError: the records read are not those that ingest counted.
        StorageError: the lake is full; nothing was published.
    """
    from penstock.stage import StageSpec, perform

    ingest, section = run.recipe.ingest, run.recipe.transfer
    landing = run.upstream(Zone.LANDING)
    inputs = {"transfer": section.inputs(), "records": ingest.records, "header": ingest.header}
    spec = StageSpec(stage=Stage.TRANSFER, zone=Zone.RAW, parents=[landing], inputs=inputs)
    return perform(run, spec, lambda attempt, _: _Transfer(run, landing, attempt).work())


class _Transfer:
    """One attempt at the raw zone."""

    def __init__(self, run: Run, landing: Manifest, attempt: Attempt) -> None:
        self.run, self.landing, self.attempt = run, landing, attempt
        self.section: TransferSection = run.recipe.transfer
        self.columns = [column.name for column in self.section.columns()]
        self.reader: Reader = Reader(run.recipe.dataset, run.recipe.ingest)
        self.rows_out = 0
        self.bad: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    def work(self) -> Outcome:
        """Write the shards; count what was read against what ingest counted."""
        entries = self.landing.entries()
        limits = _limits(self.section)
        with (
            ShardWriter(self.attempt, raw_schema(self.section), limits) as good,
            ShardWriter(
                self.attempt, _bad_schema(), limits, stem="undecodable", zone=Zone.QUARANTINE, always=False
            ) as bad,
        ):
            read = sum(self._transfer(entry, good, bad) for entry in entries)
        self._refuse_bad()
        rows_in = sum(entry.rows for entry in entries if entry.rows is not None)
        rows_in += read if any(entry.rows is None for entry in entries) else 0
        return Outcome(
            rows_in=rows_in,
            rows_out=self.rows_out,
            bytes_in=sum(entry.bytes for entry in entries),
            dropped=dict(sorted(self.skipped.items())),
            quarantined=dict(sorted(self.bad.items())),
            notes=tuple(self._notes(entries)),
        )

    def _transfer(self, entry: FileEntry, good: ShardWriter, bad: ShardWriter) -> int:
        """Decode one file; return the number of its records if ingest did not count them."""
        file, read = self._file(entry), 0
        row_of = _row_maker(self.columns, file, self.run.run_key)
        with self.run.lake.open(entry.path) as stream:
            for record in self.reader.read(stream, file):
                read += 1
                if record.skipped:
                    self.skipped[record.skipped] += 1
                elif record.bad is None:
                    good.add(row_of(record), len(record.content))
                    self.rows_out += 1
                else:
                    bad.add(
                        _bad_row(record, file, self.run.run_key), min(len(record.content), _QUARANTINED_BYTES)
                    )
                    self.bad[record.bad.reason] += 1
        return read if entry.rows is None else 0

    def _file(self, entry: FileEntry) -> LandingFile:
        name = entry.path.split("/attempt=", 1)[1].split("/", 1)[1]
        origin = self.landing.extra.get("files", {}).get(name, {}).get("origin_uri", "")
        rule = rule_for(self.section, name, self.run.lake.full(entry.path))
        return LandingFile(name, origin, rule, rule.encoding or self.section.encoding)

    def _refuse_bad(self) -> None:
        if not self.bad or self.section.on_bad_record != "fail":
            return
        where = self.run.lake.full(self.attempt.path(zone=Zone.QUARANTINE))
        reasons = ", ".join(f"{rows} {reason}" for reason, rows in self.bad.most_common())
        message = (
            f"{self.run.recipe.dataset} {self.run.run_key} transfer: expected only records that can be decoded, got "
            f"{sum(self.bad.values())} that cannot ({reasons}); they are at {where}: correct the decoder or the "
            "source, or let the rest pass with transfer.on_bad_record: quarantine"
        )
        raise ContractError(message, failed=self.bad, sample_uri=where)

    def _notes(self, entries: Sequence[FileEntry]) -> Iterator[str]:
        empty = [entry.path.rsplit("/", 1)[1] for entry in entries if entry.bytes == 0]
        if empty:
            yield f"{len(empty)} landing files have 0 bytes: {', '.join(empty[:5])}"
        if self.reader.counts["nul"]:
            yield f"{self.reader.counts['nul']} records hold NUL bytes; they were kept"
        if self.bad:
            yield f"{sum(self.bad.values())} records could not be decoded and are in quarantine"


def raw_schema(section: TransferSection) -> pa.Schema:
    """Return the Arrow schema of the raw zone."""
    import pyarrow as pa

    columns = [pa.field(column.name, arrow_type(column.type)) for column in section.columns()]
    return pa.schema(
        [
            pa.field("doc_id", pa.string(), nullable=False),
            pa.field("run_key", pa.string(), nullable=False),
            *columns,
            pa.field("provenance", _provenance_type(), nullable=False),
        ]
    )


def _provenance_type() -> pa.DataType:
    import pyarrow as pa

    return pa.struct(
        [
            ("origin_uri", pa.string()),
            ("landing_file", pa.string()),
            ("line", pa.int64()),
            ("sha256", pa.string()),
        ]
    )


def _bad_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            ("doc_id", pa.string()),
            ("run_key", pa.string()),
            ("reason", pa.string()),
            ("detail", pa.string()),
            ("raw", pa.binary()),
            ("raw_bytes", pa.int64()),
            ("provenance", _provenance_type()),
        ]
    )


def _limits(section: TransferSection) -> ShardLimits:
    return ShardLimits(
        rows=section.shard_rows,
        mb=section.shard_mb,
        compression=section.compression,
        level=section.compression_level,
    )


def _row_maker(columns: Sequence[str], file: LandingFile, run_key: str) -> Any:
    """Return the function that lays a record of ``file`` out in the order of the shared schema."""
    own = [column.name for column in file.rule.columns()]
    constants = tuple(file.rule.constants.values())
    places = [own.index(name) if name in own else len(own) for name in columns]

    def row_of(record: Record) -> list[Any]:
        values = (*constants, *record.values, None)
        return [record.doc_id, run_key, *(values[place] for place in places), provenance(record, file)]

    return row_of


def _bad_row(record: Record, file: LandingFile, run_key: str) -> list[Any]:
    bad = record.bad
    reason, detail = (bad.reason, bad.detail) if bad else ("", "")
    raw = record.content[:_QUARANTINED_BYTES]
    where = provenance(record, file)
    return [record.doc_id, run_key, reason, detail, raw, len(record.content), where]
