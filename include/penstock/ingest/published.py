"""A source that is what another dataset has published: its Iceberg tables, at the snapshots that its runs pinned.

This is how a model is trained by a flow like any other: the labelled rows and the features of the last days come in
by ingest, with the ids of the snapshots that they were read from.
"""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from penstock.days import DAY, parse_run_key
from penstock.errors import ContractError, SourceError
from penstock.ingest.source import Item, Source
from penstock.lake import Lake
from penstock.manifest import Manifest, Zone
from penstock.params import Params
from penstock.store.format import Snapshot, read_snapshots

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import StaticTable

DAY_COLUMN = "day"
_METADATA_TRIES = 5
_METADATA_NUMBER = re.compile(r"^v?(\d+)")


class TableColumns(Params):
    """Which columns of a published table are taken."""

    table: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    columns: tuple[str, ...] = Field(min_length=1)


class PublishedTable(Source):
    """The rows that the runs of ``dataset`` published, a JSON line a row and a file a day.

    Of the day D, the days from D - ``window_days`` + 1 up to and including D are taken, as far as they are published.
    The rows of ``tables`` are joined by ``key``, which must name the same rows in each. A column is renamed by
    ``rename`` (``doc_id`` must be: transfer gives each record its own); ``day`` is added. Lists of numbers travel as
    text (`penstock.model.packed`). Lines are in the order of ``key``, so that equal rows are equal bytes.

    A day is read whole: memory is that of its rows in these columns.
    """

    kind: Literal["published_table"] = "published_table"
    dataset: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    tables: tuple[TableColumns, ...] = Field(min_length=1)
    key: str = "doc_id"
    rename: dict[str, str] = Field(default_factory=dict)
    window_days: int = Field(default=28, ge=1, le=3660)

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        names = [self.key, *(name for table in self.tables for name in table.columns if name != self.key)]
        landed = [self.rename.get(name, name) for name in names]
        twice = sorted({name for name in [*landed, DAY_COLUMN] if [*landed, DAY_COLUMN].count(name) > 1})
        if twice:
            message = (
                f"tables: expected each column once (day is added), got {', '.join(twice)} more than once"
            )
            raise ValueError(message)
        unknown = sorted(set(self.rename) - set(names))
        if unknown:
            message = f"rename: expected columns of tables ({', '.join(names)}), got {', '.join(unknown)}"
            raise ValueError(message)
        return self

    def items(self, run_key: str, lake: Lake) -> Iterator[Item]:
        """Yield a file a published day, with its snapshot ids as provenance; no published day yields nothing."""
        last = parse_run_key(run_key)
        first = last - (self.window_days - 1) * DAY
        for day in lake.run_keys(Zone.PUBLISHED, self.dataset):
            if first <= parse_run_key(day) <= last:
                yield self._item(lake.manifest(Zone.PUBLISHED, self.dataset, day))

    def _item(self, manifest: Manifest) -> Item:
        pinned = [_pinned(manifest, table.table) for table in self.tables]
        return Item(
            name=f"{manifest.run_key}.jsonl",
            origin_uri=pinned[0].location,
            open=functools.partial(self._open, manifest.run_key, pinned),
            provenance={
                "published_fingerprint": manifest.fingerprint,
                "snapshots": {snapshot.name: snapshot.snapshot_id for snapshot in pinned},
            },
        )

    def _open(self, day: str, pinned: list[Snapshot]) -> AbstractContextManager[IO[bytes]]:
        parts = [
            _sorted(read_day(snapshot, day, (self.key, *table.columns)), self.key)
            for snapshot, table in zip(pinned, self.tables, strict=True)
        ]
        _check_same_rows(parts, self.key, day, pinned)
        columns = {name: part.column(name) for part in parts for name in part.column_names}
        return io.BytesIO(b"".join(self._lines(columns, day)))

    def _lines(self, columns: dict[str, pa.ChunkedArray], day: str) -> Iterator[bytes]:
        names = [self.rename.get(name, name) for name in columns]
        for row in zip(*(_plain(name, column) for name, column in columns.items()), strict=True):
            record = {**dict(zip(names, row, strict=True)), DAY_COLUMN: day}
            yield json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=_iso).encode() + b"\n"


def read_day(snapshot: Snapshot, day: str, columns: tuple[str, ...]) -> pa.Table:
    """Return the rows of ``day`` at one version of an Iceberg table; no catalog is asked.

    Raises:
        ContractError: when that version is gone, or has not these columns.
        SourceError: when the table cannot be read right now.
    """
    from pyiceberg.exceptions import NoSuchTableError
    from pyiceberg.expressions import EqualTo

    try:
        scan = _table_at(snapshot, day).scan(
            row_filter=EqualTo(DAY_COLUMN, day),
            selected_fields=tuple(dict.fromkeys(columns)),
            snapshot_id=int(snapshot.snapshot_id),
        )
        return scan.to_arrow()
    except (FileNotFoundError, NoSuchTableError) as error:
        raise _gone(snapshot, day, f"{type(error).__name__}: {error}") from error
    except OSError as error:
        message = (
            f"published table: expected to read {snapshot.name} of {day}, got {type(error).__name__}: {error}"
        )
        raise SourceError(message) from error
    except ValueError as error:
        message = (
            f"published table: expected the columns {', '.join(columns)} in {snapshot.name} (snapshot "
            f"{snapshot.snapshot_id}), got {error}; correct ingest.source.tables"
        )
        raise ContractError(message, sample_uri=snapshot.location) from error


def _pinned(manifest: Manifest, table: str) -> Snapshot:
    """Return the version of a table that a run published."""
    where = f"{manifest.dataset} {manifest.run_key}"
    written = read_snapshots(manifest)
    found = [snapshot for snapshot in written if snapshot.table == table]
    if len(found) == 1 and found[0].format == "iceberg":
        return found[0]
    came = ", ".join(f"{snapshot.table} ({snapshot.format})" for snapshot in written) or "none"
    message = (
        f"published table: expected {where} to have published the Iceberg table {table}, got {came}; "
        "correct ingest.source.tables, or publish that dataset with store.format.kind: iceberg"
    )
    raise ContractError(message)


def _table_at(snapshot: Snapshot, day: str) -> StaticTable:
    """Return the table as its newest metadata that knows the snapshot has it.

    A writer that lost a race may leave a metadata file behind, which does not know what the winner committed.
    """
    from pyiceberg.table import StaticTable

    for uri in _metadata_uris(snapshot.location)[:_METADATA_TRIES]:
        table = StaticTable.from_metadata(uri)
        if table.snapshot_by_id(int(snapshot.snapshot_id)) is not None:
            return table
    raise _gone(snapshot, day, "a table without it")


def _metadata_uris(location: str) -> list[str]:
    """Return the metadata files of a table's folder, newest first."""
    import fsspec

    fs, path = fsspec.core.url_to_fs(location)
    found = fs.glob(f"{path.rstrip('/')}/metadata/*.metadata.json")
    return [str(fs.unstrip_protocol(name)) for name in sorted(found, key=_metadata_order, reverse=True)]


def _metadata_order(path: str) -> tuple[int, str]:
    name = path.rsplit("/", 1)[-1]
    number = _METADATA_NUMBER.match(name)
    return (int(number[1]) if number else -1, name)


def _gone(snapshot: Snapshot, day: str, why: str) -> ContractError:
    message = (
        f"published table: expected {snapshot.name} of {day} at snapshot {snapshot.snapshot_id}, as the run's manifest "
        f"has it, got {why}; run the store stage of that day again"
    )
    return ContractError(message, sample_uri=snapshot.location)


def _sorted(rows: pa.Table, key: str) -> pa.Table:
    import pyarrow.compute as pc

    return rows.take(pc.sort_indices(rows.column(key)))


def _check_same_rows(parts: list[pa.Table], key: str, day: str, pinned: list[Snapshot]) -> None:
    """Refuse tables of which one has a row that another has not, or has twice."""
    import pyarrow.compute as pc

    keys = parts[0].column(key)
    distinct = pc.count_distinct(keys, mode="all").as_py()
    for part, snapshot in zip(parts, pinned, strict=True):
        if len(part) == distinct and part.column(key).equals(keys):
            continue
        message = (
            f"published table: expected the same {key} once in each table of {day}, got {distinct} different in "
            f"{pinned[0].name} and {len(part)} rows in {snapshot.name}; run the store stage of that day again"
        )
        raise ContractError(message, failed={"unmatched_rows": abs(len(part) - distinct)})


def _plain(name: str, column: pa.ChunkedArray) -> list[Any]:
    """Return a column as JSON values."""
    import pyarrow as pa

    if not pa.types.is_nested(column.type):
        return list(column.to_pylist())
    from penstock.model.packed import pack

    try:
        return list(pack(column.combine_chunks()))
    except ContractError as error:
        message = f"published table: column {name}: {error}"
        raise ContractError(message, failed=error.failed) from error


def _iso(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    message = (
        "published table: expected text, a number, a truth value, a date or a list of numbers, got "
        f"{type(value).__name__}; leave that column out"
    )
    raise ContractError(message)
