"""Parquet shards of bounded size, written in bounded memory; the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from penstock.lake import Attempt, HashingWriter
from penstock.manifest import Zone
from penstock.params import Params

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

_GROUP_BYTES = 32 << 20
_GROUP_ROWS = 100_000


class ShardLimits(Params):
    """When a shard is full, and how it is compressed; ``mb`` (megabytes) counts decoded records."""

    rows: int
    mb: int
    compression: str
    level: int | None = None


class ShardWriter:
    """Takes rows and writes ``<stem>-00000.parquet`` and so on into an attempt, as a context.

    At most one row group (32 MB of records, or one longer record) is held. With ``always`` there is a shard, for its
    schema, also when there are no rows.
    """

    def __init__(
        self,
        attempt: Attempt,
        schema: pa.Schema,
        limits: ShardLimits,
        *,
        stem: str = "part",
        zone: Zone | None = None,
        always: bool = True,
    ) -> None:
        self._attempt, self._schema, self._limits = attempt, schema, limits
        self._stem, self._zone, self._always = stem, zone, always
        self._rows: list[Sequence[Any]] = []
        self._group_bytes = self._shard_bytes = self._shard_rows = self._shards = 0
        self._open: ExitStack | None = None
        self._writer: HashingWriter | None = None
        self._parquet: parquet.ParquetWriter | None = None

    def add(self, row: Sequence[Any], size_bytes: int) -> None:
        """Take one row, in the schema's order, made of a record of ``size_bytes``."""
        self._rows.append(row)
        self._group_bytes += size_bytes
        rows, size = self._shard_rows + len(self._rows), self._shard_bytes + self._group_bytes
        if rows >= self._limits.rows or size >= self._limits.mb << 20:
            self._flush()
            self._close_shard()
        elif self._group_bytes >= _GROUP_BYTES or len(self._rows) >= _GROUP_ROWS:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._abort(kind, error, trace)
            return
        try:
            if self._rows or (self._always and self._shards == 0):
                self._flush()
            self._close_shard()
        except BaseException as broken:
            self._abort(type(broken), broken, broken.__traceback__)
            raise

    def _abort(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the open shard, which then is no entry; a full disk becomes a `StorageError` there."""
        if self._open is not None:
            self._open.__exit__(kind, error, trace)

    def _flush(self) -> None:
        import pyarrow as pa

        if self._parquet is None:
            self._start_shard()
        assert self._parquet is not None  # noqa: S101 - for the type checker
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._schema)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
        self._parquet.write_table(pa.table(arrays, schema=self._schema))
        self._shard_rows += len(self._rows)
        self._shard_bytes += self._group_bytes
        self._rows, self._group_bytes = [], 0

    def _start_shard(self) -> None:
        from pyarrow import parquet

        self._open = ExitStack()
        name = f"{self._stem}-{self._shards:05d}.parquet"
        self._writer = self._open.enter_context(self._attempt.create(name, zone=self._zone))
        self._parquet = self._open.enter_context(
            parquet.ParquetWriter(
                self._writer,
                self._schema,
                compression=self._limits.compression,
                compression_level=self._limits.level,
            )
        )
        self._shards += 1

    def _close_shard(self) -> None:
        if self._open is None or self._writer is None:
            return
        self._writer.rows = self._shard_rows
        self._open.close()
        self._open = self._writer = self._parquet = None
        self._shard_rows = self._shard_bytes = 0
