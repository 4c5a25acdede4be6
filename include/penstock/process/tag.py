"""What a comparing step says of rows, and how rows that lie elsewhere are told.

Verdicts are a small table: ``doc_id``, and of each row whether it leaves, with which value and detail, and what stands
in the columns that the step adds. They are written once and looked up where the rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.parquet_stream import ParquetStream
from penstock.process import audit
from penstock.process.parts import Part, read_batches

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake

LEAVES = "leaves"
COLUMNS = ("doc_id", LEAVES, audit.VALUE, audit.DETAIL)
"""The columns of every table of verdicts; after them come those that the step adds."""


@dataclass(frozen=True)
class Tag:
    """How verdicts change rows: of which step they are, the word for what leaves, and the step's columns."""

    step: str
    reason: str
    adds: Mapping[str, pa.DataType]
    removes: Sequence[str]
    path: str | None = None
    """The file of the verdicts, from the lake's root; without one, nothing is said of any row."""

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Return the columns of rows that were told."""
        import pyarrow as pa

        fields = {field.name: field for field in schema if field.name not in self.removes}
        fields |= {name: pa.field(name, kind) for name, kind in self.adds.items()}
        return pa.schema(list(fields.values()))

    def open(self, lake: Lake, parts: Sequence[Part]) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """Return what tells batches of the rows of these parts."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.path is None:
            return self.tell_nothing
        with lake.open(self.path) as stream:
            said = ParquetStream(stream).read()
        only_ids = pa.schema([("doc_id", pa.string())])
        ids = [batch.column(0) for batch in read_batches(lake, parts, only_ids)]
        said = said.filter(pc.is_in(said["doc_id"], value_set=pa.chunked_array(ids, pa.string())))
        if not said.num_rows:
            return self.tell_nothing
        said = said.combine_chunks()
        places = said["doc_id"].combine_chunks()
        return lambda batch: self.tell(batch, said.take(pc.index_in(batch.column("doc_id"), places)))

    def tell_nothing(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch of whose rows nothing is said."""
        import pyarrow as pa

        schema = self.output_schema(batch.schema)
        columns = [
            pa.nulls(batch.num_rows, field.type) if field.name in self.adds else batch.column(field.name)
            for field in schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def tell(self, batch: pa.RecordBatch, said: pa.Table) -> pa.RecordBatch:
        """Return the batch after its verdicts, a row of ``said`` for each of its own (nulls: nothing is said)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        schema = self.output_schema(batch.schema)
        leaves = pc.and_(
            batch.column(audit.STEP).is_null(), pc.fill_null(_one(said[LEAVES]), fill_value=False)
        )
        news = {
            audit.STEP: pa.scalar(self.step),
            audit.REASON: pa.scalar(self.reason),
            audit.VALUE: _one(said[audit.VALUE]),
            audit.DETAIL: _one(said[audit.DETAIL]),
        }
        columns = []
        for field in schema:
            if field.name in self.adds:
                columns.append(_one(said[field.name]).cast(field.type))
            elif field.name in news:
                columns.append(pc.if_else(leaves, news[field.name], batch.column(field.name)))
            else:
                columns.append(batch.column(field.name))
        return pa.RecordBatch.from_arrays(columns, schema=schema)


def write(verdicts: pa.Table, lake: Lake, path: str) -> None:
    """Leave the verdicts where workers find them."""
    from pyarrow import parquet

    lake.fs.makedirs(lake.full(path).rsplit("/", 1)[0], exist_ok=True)
    with lake.fs.open(lake.full(path), "wb") as stream:
        parquet.write_table(verdicts, stream)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
