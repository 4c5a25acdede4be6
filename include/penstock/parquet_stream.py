"""Parquet out of a Python stream, read by the thread that asks.

Arrow's own threads let go of what a Python stream gave them a moment after the call has returned. When a command ends
in that moment, the interpreter takes such a thread down and the whole process aborts: "terminate called without an
active exception", exit code 134, after all of its output (apache/arrow#34314). So no other thread sees the stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

BATCH_ROWS = 65_536


class ParquetStream:
    """A Parquet file behind an open binary stream, which must stay open while it is read.

    Raises:
        pyarrow.ArrowInvalid: when it is no Parquet file.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        from pyarrow import parquet

        self._file = parquet.ParquetFile(stream, pre_buffer=False)  # noqa: TID251 - here it is made safe

    @property
    def schema(self) -> pa.Schema:
        """The columns."""
        return self._file.schema_arrow

    @property
    def groups(self) -> int:
        """How many row groups there are."""
        return int(self._file.num_row_groups)

    @property
    def footer(self) -> parquet.FileMetaData:
        """What the file says of its row groups."""
        return self._file.metadata

    def group(self, number: int, *, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a row group (from 0), of ``columns`` or of all."""
        return self._file.read_row_group(number, columns=_listed(columns), use_threads=False)

    def batches(
        self, *, rows: int = BATCH_ROWS, columns: Sequence[str] | None = None, group: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches of at most ``rows`` rows, of all row groups or of one."""
        groups = None if group is None else [group]
        yield from self._file.iter_batches(
            batch_size=rows, row_groups=groups, columns=_listed(columns), use_threads=False
        )

    def read(self, *, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the whole file."""
        return self._file.read(columns=_listed(columns), use_threads=False)


def _listed(columns: Sequence[str] | None) -> list[str] | None:
    return None if columns is None else list(columns)
