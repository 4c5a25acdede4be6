"""Of the rows that have one key, keep the one with the least ``doc_id``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.process import audit

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_KEY, _FIRST = "__duplicate_key", "__duplicate_first"


def keep_first(
    frame: DataFrame, value: Column, compared: Column, *, step: str, reason: str, partitions: int | None
) -> DataFrame:
    """Tag (``reason``, detail: the kept ``doc_id``) the compared rows but the first of each ``value``.

    One exchange by the sha256 of ``value``, which also serves the window. ``partitions`` is the number of Spark
    partitions after it (default: Spark's ``spark.sql.shuffle.partitions``). Columns: reads ``doc_id``; adds none.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

    # A row that is not compared gets its own key, or all of them would meet in one partition.
    key = F.when(compared, F.sha2(value, 256)).otherwise(F.concat(F.lit("-"), F.col("doc_id")))
    count = partitions or int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
    first = F.min(F.when(compared, F.col("doc_id"))).over(Window.partitionBy(_KEY))
    marked = frame.withColumn(_KEY, key).repartition(count, _KEY).withColumn(_FIRST, first)
    is_later = compared & (F.col("doc_id") != F.col(_FIRST))
    tagged = audit.drop_where(marked, is_later, step=step, reason=reason, detail=F.col(_FIRST))
    return tagged.drop(_KEY, _FIRST)
