"""Step ``exact_duplicates``: of documents with the same text, keep one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.process import audit
from penstock.process.duplicates.keep_first import keep_first
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


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
        """Tag the duplicates."""
        from pyspark.sql import functions as F  # noqa: N812

        text = F.col(context.run.text_column)
        compared = audit.is_live() & (F.length(text) > 0)
        return keep_first(
            frame,
            self._normalise(text),
            compared,
            step=self.kind,
            reason="exact_duplicate",
            partitions=self.partitions,
        )

    def _normalise(self, text: Column) -> Column:
        from pyspark.sql import functions as F  # noqa: N812

        if self.ignore_case:
            text = F.lower(text)
        return F.trim(F.regexp_replace(text, r"[\s\p{Z}]+", " ")) if self.ignore_space else text
