"""Rows on their way through a step that looks at all of them: written once, so that nothing is computed twice.

The columns that are compared are read back by the driver, the rows themselves stay in the lake; verdicts go back to
them as a small table that Spark joins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from penstock.parquet_stream import ParquetStream
from penstock.process import audit, tag
from penstock.process.step import FrameContext

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from penstock.lake import Lake

OPTIONS = {
    "compression": "snappy",
    "parquet.enable.dictionary": "false",
    "parquet.column.statistics.enabled": "false",
}
"""How rows are staged. They are read once or twice and then removed: what is cheapest, not what is smallest."""
BATCH_ROWS = 10_000
"""Rows that the driver looks at together: it never holds what a day is compared by."""


def stage_rows(frame: DataFrame, context: FrameContext, name: str) -> tuple[DataFrame, list[str]]:
    """Write ``frame`` to the step's scratch folder; return it as it is read back, and the paths of its files."""
    lake, path = lake_of(context), context.scratch(name)
    frame.write.options(**OPTIONS).parquet(lake.spark_uri(path))
    staged = frame.sparkSession.read.schema(frame.schema).parquet(lake.spark_uri(path))
    return staged, files_below(lake, path)


def files_below(lake: Lake, folder: str) -> list[str]:
    """Return the paths, from the lake's root, of the Parquet files that Spark wrote below a folder, sorted."""
    found = [full for full in lake.fs.find(lake.full(folder)) if full.endswith(".parquet")]
    return sorted(full.removeprefix(f"{lake.root}/") for full in found)


def read_live(
    context: FrameContext, files: Sequence[str], columns: Sequence[str], *, not_null: str
) -> pa.Table:
    """Return columns of the staged rows that are in the flow and have ``not_null``, sorted by ``doc_id``.

    Of rows with the same ``doc_id``, which are one document, the first is returned.
    """
    import pyarrow as pa

    table = pa.concat_tables(live_tables(context, files, columns, not_null=not_null))
    return table.take(pa.array(first_in_order(table["doc_id"])))


def live_tables(
    context: FrameContext, files: Sequence[str], columns: Sequence[str], *, not_null: str
) -> Iterator[pa.Table]:
    """Yield columns of the staged rows that are in the flow and have ``not_null``, in the order of the files.

    A table has at most `BATCH_ROWS` rows; of no rows at all there is one table, empty.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    lake = lake_of(context)
    for number, path in enumerate(files):
        with lake.open(path) as stream:
            file = ParquetStream(stream)
            wanted = [*columns, audit.STEP]
            if number == 0:
                schema = pa.schema([file.schema.field(name) for name in columns])
                yield schema.empty_table()
            for batch in file.batches(rows=BATCH_ROWS, columns=wanted):
                is_live = pc.and_(pc.is_null(batch[audit.STEP]), pc.is_valid(batch[not_null]))
                yield pa.Table.from_batches([batch]).filter(is_live).select(list(columns))


def first_in_order(ids: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return where the ids are, in the order of ids; of equal ones, the first."""
    import numpy as np
    import pyarrow.compute as pc

    order = pc.sort_indices(ids).to_numpy().astype(np.int64)
    ordered = ids.take(order).to_numpy()
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    found: NDArray[np.int64] = order[first]
    return found


def join_verdicts(staged: DataFrame, verdicts: pa.Table, context: FrameContext, name: str) -> DataFrame:
    """Return the staged rows with the columns of ``verdicts``, which has a row for some of their ``doc_id``."""
    lake, path = lake_of(context), f"{context.scratch(name)}/verdicts.parquet"
    tag.write(verdicts, lake, path)
    said = staged.sparkSession.read.parquet(lake.spark_uri(path))
    return staged.join(said, on="doc_id", how="left")


def keep_frame(context: FrameContext, folder: str, frame: DataFrame, name: str) -> DataFrame:
    """Store a frame in the step's scratch folder and return it as it is read back."""
    path = lake_of(context).spark_uri(context.scratch(f"{folder}/{name}"))
    frame.write.options(**OPTIONS).parquet(path)
    return frame.sparkSession.read.schema(frame.schema).parquet(path)


def concatenated(first: pa.Table, *others: pa.Table) -> pa.Table:
    """Return the rows of tables of the same columns, the types being those of the last one."""
    import pyarrow as pa

    tables = [first, *others]
    return pa.concat_tables([table.cast(tables[-1].schema) for table in tables])


def string_array(values: Sequence[str]) -> pa.Array:
    """Return texts as Arrow has them; of no texts too."""
    import pyarrow as pa

    return pa.array(values, type=pa.string())


def lake_of(context: FrameContext) -> Lake:
    """Return the lake of the context's attempt.

    Raises:
        ContractError: when the step runs without an attempt.
    """
    context.scratch("")  # raises without an attempt
    assert context.attempt is not None  # noqa: S101 - for the type checker
    return context.attempt.lake
