"""Step ``exact_duplicates``: of documents with the same text, keep one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.process import audit
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_KEY, _FIRST = "__duplicate_key", "__duplicate_first"


class ExactDuplicates(FrameStep):
    """Drop (``exact_duplicate``, detail: the kept ``doc_id``) all but the least ``doc_id`` of the same text in the run.

    Texts are the same when their sha256 is, after lowercasing with ``ignore_case`` and with every run of white space
    as one space with ``ignore_space``. A document without text is no duplicate. Columns: reads the text and
    ``doc_id``; adds none. ``partitions`` is the number of Spark partitions after the exchange (default: Spark's
    ``spark.sql.shuffle.partitions``).
    """

    kind: Literal["exact_duplicates"] = "exact_duplicates"
    ignore_case: bool = True
    ignore_space: bool = True
    partitions: int | None = Field(default=None, ge=1)

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id",)

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Tag the duplicates: one exchange by text hash, which also serves the window."""
        from pyspark.sql import Window
        from pyspark.sql import functions as F  # noqa: N812

        text = F.col(context.run.text_column)
        compared = audit.is_live() & (F.length(text) > 0)
        # A row that is not compared gets its own key, or all of them would meet in one partition.
        key = F.when(compared, F.sha2(self._normalise(text), 256)).otherwise(
            F.concat(F.lit("-"), F.col("doc_id"))
        )
        count = self.partitions or int(frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
        first = F.min(F.when(compared, F.col("doc_id"))).over(Window.partitionBy(_KEY))
        marked = frame.withColumn(_KEY, key).repartition(count, _KEY).withColumn(_FIRST, first)
        tagged = audit.drop_where(
            marked,
            compared & (F.col("doc_id") != F.col(_FIRST)),
            step=self.kind,
            reason="exact_duplicate",
            detail=F.col(_FIRST),
        )
        return tagged.drop(_KEY, _FIRST)

    def _normalise(self, text: Column) -> Column:
        from pyspark.sql import functions as F  # noqa: N812

        if self.ignore_case:
            text = F.lower(text)
        return F.trim(F.regexp_replace(text, r"[\s\p{Z}]+", " ")) if self.ignore_space else text
