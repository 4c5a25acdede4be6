"""Samples that are the same for the same rows and seed, whatever files the rows lie in, in bounded memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from penstock.parquet_stream import ParquetStream

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from penstock.lake import Lake
    from penstock.manifest import FileEntry

ID_COLUMN = "doc_id"
BATCH_ROWS = 4096
_PRIORITY = "__priority"


class Sample:
    """Of the rows that are added, the ``size`` with the least hash of their id: a uniform sample without replacement.

    Rows without the column ``doc_id`` are told apart by their position.
    """

    def __init__(self, size: int, *, seed: int = 0) -> None:
        self.size, self.seed, self.seen = size, seed, 0
        self._kept: list[pa.Table] = []
        self._held = 0

    def add(self, rows: pa.Table) -> None:
        """Take rows in; all tables must have the same columns."""
        import pyarrow as pa

        priorities = priorities_of(rows, self.seed, start=self.seen)
        self.seen += rows.num_rows
        self._kept.append(rows.append_column(_PRIORITY, pa.array(priorities)))
        self._held += rows.num_rows
        if self._held > 2 * self.size + BATCH_ROWS:
            self._shrink()

    def rows(self) -> pa.Table | None:
        """Return the sample in the order of its hashes, or ``None`` when nothing was added."""
        if not self._kept:
            return None
        self._shrink()
        return self._kept[0].drop_columns([_PRIORITY])

    def _shrink(self) -> None:
        import pyarrow as pa

        table = pa.concat_tables(self._kept, promote_options="permissive")
        table = table.sort_by(_PRIORITY).slice(0, self.size).combine_chunks()
        self._kept, self._held = [table], table.num_rows


def priorities_of(rows: pa.Table, seed: int, *, start: int = 0) -> NDArray[np.uint64]:
    """Return a hash for each row: of ``doc_id`` and ``seed``, or of the row's number from ``start`` on."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    salt = np.uint64(int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:8], "little"))
    if ID_COLUMN not in rows.column_names:
        return _mix(np.arange(start, start + rows.num_rows, dtype=np.uint64) ^ salt)
    ids = pc.cast(rows[ID_COLUMN], pa.string()).fill_null("").combine_chunks()
    digests = [hashlib.blake2b(i.encode("utf-8", "replace"), digest_size=8).digest() for i in ids.to_pylist()]
    return _mix(np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64) ^ salt)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well mixed bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    import numpy as np

    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def read_batches(
    lake: Lake, entries: Sequence[FileEntry], columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of Parquet files in small tables, of those of ``columns`` that a file has (by default all)."""
    import pyarrow as pa

    for entry in entries:
        if not entry.rows or not entry.path.endswith(".parquet"):
            continue
        with lake.open(entry.path) as stream:
            file = ParquetStream(stream)
            names = file.schema.names
            wanted = names if columns is None else [name for name in columns if name in names]
            for batch in file.batches(rows=BATCH_ROWS, columns=wanted):
                yield pa.Table.from_batches([batch])


def column_types(lake: Lake, entries: Sequence[FileEntry]) -> dict[str, Any]:
    """Return the columns of Parquet files with their Arrow types: those of the first file that has rows."""
    from pyarrow import parquet

    for entry in sorted(entries, key=lambda entry: not entry.rows):
        if entry.path.endswith(".parquet"):
            with lake.open(entry.path) as stream:
                schema = parquet.read_schema(stream)
                return dict(zip(schema.names, schema.types, strict=True))
    return {}
