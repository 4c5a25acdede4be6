"""Step ``exact_duplicates``: of documents with the same text, keep one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.process.duplicates.keep_first import KEY, digests, later_ones
from penstock.process.step import CompareStep, Context, FrameContext, Staged

if TYPE_CHECKING:
    import pyarrow as pa


class ExactDuplicates(CompareStep):
    """Drop (``exact_duplicate``, detail: the kept ``doc_id``) all but the least ``doc_id`` of the same text in the run.

    Texts are the same when their sha256 is, after lowercasing with ``ignore_case`` and with every run of white space
    as one space with ``ignore_space``. A document without text is no duplicate, nor then one of white space alone.
    Columns: reads the text and ``doc_id``; adds none. Digests of up to two million documents are compared in the
    stage's own process, of more by Spark in ``partitions`` partitions (default: its ``spark.sql.shuffle.partitions``).
    """

    reason: ClassVar[str] = "exact_duplicate"
    kind: Literal["exact_duplicates"] = "exact_duplicates"
    ignore_case: bool = True
    ignore_space: bool = True
    partitions: int | None = Field(default=None, ge=1)

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id",)

    def keys(self, rows: pa.RecordBatch, context: Context) -> Mapping[str, pa.Array]:
        """Return a digest of each text that has one."""
        import pyarrow.compute as pc

        text = rows.column(context.text_column)
        if self.ignore_case:
            text = pc.utf8_lower(text)
        if self.ignore_space:
            text = pc.utf8_trim(pc.replace_substring_regex(text, r"[\s\x0b\p{Z}]+", " "), " ")
        return {KEY: digests(text)}

    def judge(self, staged: Staged, context: FrameContext) -> pa.Table:
        """Say which texts are there before."""
        return later_ones(staged, context, self.partitions)
