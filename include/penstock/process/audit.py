"""The columns that say why a row left the flow, and conditions on them.

They are in every frame of a plan and in the files of all three outcomes; in the clean zone they are null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame

STEP, REASON, VALUE, DETAIL = "drop_step", "drop_reason", "drop_value", "drop_detail"
TYPES = {STEP: "string", REASON: "string", VALUE: "double", DETAIL: "string"}
COLUMNS = tuple(TYPES)
PII_SAMPLE = "pii_sample"
"""The column of finds for the audit sample (`penstock.process.pii.sample`); like the others, it stays in the zone."""
ERROR_PREFIX = "process:"
"""How the reason of a row begins on which a step raised: ``process:<step>:<name of the exception>``."""

OUTCOME = "outcome"
KEPT, DROPPED, FAILED = "kept", "dropped", "failed"


def with_audit(frame: DataFrame) -> DataFrame:
    """Add the audit columns, null: every row is in the flow."""
    from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

    return frame.withColumns({name: F.lit(None).cast(kind) for name, kind in TYPES.items()})


def without_audit(frame: DataFrame) -> DataFrame:
    """Remove the audit columns, for readers of the clean zone."""
    return frame.drop(*COLUMNS, PII_SAMPLE)


def is_live() -> Column:
    """Return the condition of a row that is still in the flow."""
    from pyspark.sql import functions as F  # noqa: N812

    return F.col(STEP).isNull()


def drop_where(
    frame: DataFrame,
    condition: Column,
    *,
    step: str,
    reason: str,
    value: Column | None = None,
    detail: Column | None = None,
) -> DataFrame:
    """Tag the live rows for which ``condition`` is true; no row is removed."""
    from pyspark.sql import functions as F  # noqa: N812

    null = F.lit(None)
    found = {STEP: F.lit(step), REASON: F.lit(reason), VALUE: null if value is None else value}
    found[DETAIL] = null if detail is None else detail
    leaves = is_live() & F.coalesce(condition, F.lit(False))
    return frame.withColumns(
        {
            name: F.when(leaves, column.cast(TYPES[name])).otherwise(F.col(name))
            for name, column in found.items()
        }
    )


def outcome() -> Column:
    """Return ``kept``, ``dropped`` or ``failed``, for each row."""
    from pyspark.sql import functions as F  # noqa: N812

    failed = F.col(REASON).startswith(ERROR_PREFIX)
    return F.when(is_live(), KEPT).when(failed, FAILED).otherwise(DROPPED)


# The same on Arrow batches, where Spark's Python runs.


def fields() -> pa.Schema:
    """Return the columns as Arrow has them."""
    import pyarrow as pa

    kinds = {"string": pa.string(), "double": pa.float64()}
    return pa.schema([(name, kinds[kind]) for name, kind in TYPES.items()])


def split(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return the rows that are in the flow, and the others."""
    return _parted(batch, batch.column(STEP).is_null())


def by_outcome(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of each outcome that has some."""
    import pyarrow.compute as pc

    kept, others = split(batch)
    is_failed = pc.fill_null(pc.starts_with(others.column(REASON), ERROR_PREFIX), fill_value=False)
    failed, dropped = _parted(others, is_failed)
    parts = ((KEPT, kept), (DROPPED, dropped), (FAILED, failed))
    yield from ((name, rows) for name, rows in parts if rows.num_rows)


def _parted(batch: pa.RecordBatch, mask: pa.BooleanArray) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return the rows of the mask, and the others; a batch that is wholly one of them is not copied."""
    import pyarrow.compute as pc

    count, nothing = mask.true_count, batch.slice(0, 0)
    if count == 0:
        return nothing, batch
    return (
        (batch, nothing) if count == batch.num_rows else (batch.filter(mask), batch.filter(pc.invert(mask)))
    )
