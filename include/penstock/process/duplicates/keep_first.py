"""Of the rows that have one key, keep the one with the least ``doc_id``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from penstock.process import audit
from penstock.process.duplicates.staging import live_tables
from penstock.process.tag import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.process.step import FrameContext, Staged

KEY = "__key"
LOCAL_ROWS = 2_000_000
"""Rows that the driver compares itself (about 200 bytes of memory each); of more, Spark finds the first of each key."""
_FIRST = "__first"


def digests(values: pa.Array) -> pa.Array:
    """Return the sha256 of each text; null for null and for a text without a character."""
    import pyarrow as pa

    found = [
        hashlib.sha256(value).digest() if value else None for value in values.cast(pa.binary()).to_pylist()
    ]
    return pa.array(found, type=pa.binary())


def later_ones(staged: Staged, context: FrameContext, partitions: int | None) -> pa.Table:
    """Return a verdict (detail: the kept ``doc_id``) for each row but the first of each key.

    ``partitions`` is the number of Spark partitions of a comparison that Spark makes (default: Spark's
    ``spark.sql.shuffle.partitions``).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if staged.rows > LOCAL_ROWS:
        return _by_spark(staged, partitions)
    tables = list(live_tables(context, staged.files, ["doc_id", KEY], not_null=KEY))
    if not tables:
        return _verdicts(pa.array([], pa.string()), pa.array([], pa.string()))
    table = pa.concat_tables(tables)
    first = table.group_by(KEY).aggregate([("doc_id", "min")])
    places = pc.index_in(table[KEY], value_set=first[KEY].combine_chunks())
    kept = first["doc_id_min"].take(places)
    is_later = pc.not_equal(table["doc_id"], kept)
    return _verdicts(table["doc_id"].filter(is_later), kept.filter(is_later))


def _by_spark(staged: Staged, partitions: int | None) -> pa.Table:
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

    live = staged.frame().where(audit.is_live() & F.col(KEY).isNotNull()).select("doc_id", KEY)
    if partitions is not None:
        live = live.repartition(partitions, KEY)
    marked = live.withColumn(_FIRST, F.min("doc_id").over(Window.partitionBy(KEY)))
    found = marked.where(F.col("doc_id") != F.col(_FIRST)).select("doc_id", _FIRST).toArrow()
    return _verdicts(found["doc_id"], found[_FIRST])


def _verdicts(ids: pa.Array | pa.ChunkedArray, kept: pa.Array | pa.ChunkedArray) -> pa.Table:
    import pyarrow as pa

    leaves, value = pa.array([True] * len(ids), pa.bool_()), pa.nulls(len(ids), pa.float64())
    return pa.table(dict(zip(COLUMNS, (ids, leaves, value, kept), strict=True)))
