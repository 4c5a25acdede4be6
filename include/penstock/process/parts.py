"""Rows in Parquet files of the lake that Spark's Python workers read and write themselves.

So a text goes from a file to a step and into a file without a way through Java and back, which costs more than most
filters do. Spark places the work, runs it again where it fails, and sees its small results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any

from penstock.lake import storage_errors
from penstock.parquet_stream import ParquetStream

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake

TASK_BYTES = 128 << 20
"""Bytes of values, uncompressed, for which there is one more task."""
BATCH_ROWS, BATCH_BYTES = 10_000, 64 << 20
"""A batch has about so many of either at most; a single row may be longer."""
ROW_GROUP_BYTES = 32 << 20
_NEAR = 8
"""A task takes up to one part in so many more or less than its share, when that spares a row group from two readers."""


@dataclass(frozen=True)
class Part:
    """The rows ``begin`` to ``end`` of row group ``group`` of the file ``path`` (from the lake's root).

    ``bytes`` is what they take uncompressed: of a part of a row group, its share by rows.
    """

    path: str
    group: int
    begin: int
    end: int
    bytes: int

    @property
    def rows(self) -> int:
        """How many rows."""
        return self.end - self.begin


def parts_of(lake: Lake, paths: Iterable[str]) -> list[Part]:
    """Return a part for each row group of the files that has rows, in their order."""
    found: list[Part] = []
    for path in paths:
        with lake.open(path) as stream:
            footer = ParquetStream(stream).footer
        for group in range(footer.num_row_groups):
            facts = footer.row_group(group)
            if facts.num_rows:
                found.append(Part(path, group, 0, facts.num_rows, facts.total_byte_size))
    return found


def divide(parts: Sequence[Part], tasks: int) -> list[list[Part]]:
    """Return the parts, in their order, in at most ``tasks`` lists of about the same bytes; no list is empty."""
    total = sum(part.bytes for part in parts)
    share = max(1, -(-total // tasks))
    lists: list[list[Part]] = [[]]
    room = share
    for part in parts:
        rest = part
        while len(lists) < tasks and rest.bytes - room > share // _NEAR:
            rows = min(rest.rows - 1, round(rest.rows * room / rest.bytes)) if room > share // _NEAR else 0
            if rows > 0:
                head, rest = _cut(rest, rows)
                lists[-1].append(head)
            elif not lists[-1]:
                break  # a single row is more than a share
            lists.append([])
            room = share
        lists[-1].append(rest)
        room -= rest.bytes
    return [each for each in lists if each]


def _cut(part: Part, rows: int) -> tuple[Part, Part]:
    middle, size = part.begin + rows, part.bytes * rows // part.rows
    return replace(part, end=middle, bytes=size), replace(part, begin=middle, bytes=part.bytes - size)


def read_batches(lake: Lake, parts: Iterable[Part], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the parts with the columns of ``schema``; what a file lacks is null.

    Raises:
        CorruptionError: when a file is gone.
    """
    for path, of_file in groupby(parts, key=lambda part: part.path):
        with lake.open(path) as stream:
            file = ParquetStream(stream)
            there = set(file.schema.names)
            names = [name for name in schema.names if name in there]
            for part in of_file:
                for batch in _rows(file, part, names):
                    yield conform(batch, schema)


def _rows(file: ParquetStream, part: Part, names: list[str]) -> Iterator[pa.RecordBatch]:
    facts = file.footer.row_group(part.group)
    fitting = BATCH_BYTES * facts.num_rows // max(1, facts.total_byte_size)
    size = max(1, min(BATCH_ROWS, fitting))
    at = 0
    for batch in file.batches(rows=size, columns=names, group=part.group):
        begin, end = max(0, part.begin - at), min(batch.num_rows, part.end - at)
        if begin < end:
            yield batch.slice(begin, end - begin)
        at += batch.num_rows
        if at >= part.end:
            return


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch with the columns of ``schema`` in their types; those that it lacks are null."""
    import pyarrow as pa

    there = set(batch.schema.names)
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in there
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class PartWriter:
    """A Parquet file of the lake that is written batch by batch, and made when the first row comes."""

    def __init__(self, lake: Lake, path: str, **options: Any) -> None:
        self.lake, self.path, self.rows = lake, path, 0
        self._options = options
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self._stream: IO[bytes] | None = None
        self._writer: Any = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Take rows; they are a row group when there are enough of them."""
        if batch.num_rows:
            self._waiting.append(batch)
            self._waiting_bytes += batch.nbytes
            self.rows += batch.num_rows
        if self._waiting_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left, and the end of the file; without any row there is none."""
        if self._waiting:
            self._flush()
        if self._writer is not None and self._stream is not None:
            with storage_errors(self.path):
                self._writer.close()
                self._stream.close()

    def _flush(self) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        table = pa.Table.from_batches(self._waiting)
        full = self.lake.full(self.path)
        with storage_errors(full):
            if self._writer is None:
                self.lake.fs.makedirs(full.rsplit("/", 1)[0], exist_ok=True)
                self._stream = self.lake.fs.open(full, "wb")
                self._writer = parquet.ParquetWriter(
                    self._stream, table.schema, store_schema=False, **self._options
                )
            self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._waiting, self._waiting_bytes = [], 0


def is_portable(schema: pa.Schema) -> bool:
    """Return whether Spark and Arrow find the same values of the same types in each other's Parquet files."""
    return all(_is_portable(field.type) for field in schema)


def _is_portable(kind: pa.DataType) -> bool:
    from pyarrow import types

    if types.is_list(kind):
        return _is_portable(kind.value_type)
    if types.is_struct(kind):
        return all(_is_portable(field.type) for field in kind)
    if types.is_map(kind):
        return _is_portable(kind.key_type) and _is_portable(kind.item_type)
    plain = (types.is_string, types.is_binary, types.is_boolean, types.is_signed_integer, types.is_date32)
    numbers = (types.is_float32, types.is_float64, types.is_decimal128)
    return any(bool(check(kind)) for check in (*plain, *numbers, _is_spark_time))


def _is_spark_time(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_timestamp(kind)) and kind.unit == "us"
