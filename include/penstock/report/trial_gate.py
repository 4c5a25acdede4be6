"""The gate's row-level promises on the rows of a trial, as the validate stage would judge them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.process import audit

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

    from penstock.validate.promises import Promises

STEP = "the gate"


def judge_rows(
    rows: pa.Table, spark: SparkSession, promises: Promises, run_key: str
) -> tuple[pa.Table, dict[str, int]]:
    """Return the rows with those tagged that would go to quarantine, and how many by promise.

    Columns: reads what the promises name; a tagged row has ``the gate`` as its step and the promise as its reason.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from penstock.validate.split import FAILED_COLUMN, split

    is_live = pc.is_null(rows[audit.STEP])
    live, left = rows.filter(is_live), rows.filter(pc.invert(is_live))
    found = split(spark.createDataFrame(live).drop(*audit.COLUMNS), promises, run_key)
    judged = found.frame.toArrow()
    names = [
        next((name for name in failed or () if name in found.quarantining), None)
        for failed in judged[FAILED_COLUMN].to_pylist()
    ]
    judged = judged.drop_columns([FAILED_COLUMN])
    tags = {audit.STEP: [STEP if name else None for name in names], audit.REASON: [_reason(n) for n in names]}
    for name, kind in audit.TYPES.items():
        values = tags.get(name, [None] * judged.num_rows)
        judged = judged.append_column(
            name, pa.array(values, pa.string() if kind == "string" else pa.float64())
        )
    return pa.concat_tables([judged, left], promote_options="permissive"), found.quarantined


def _reason(promise: str | None) -> str | None:
    return None if promise is None else f"{audit.ERROR_PREFIX}gate: {promise}"
