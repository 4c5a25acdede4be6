"""Step ``substring_duplicates``: strings that are in the run before leave the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.errors import ContractError
from penstock.process import audit
from penstock.process.duplicates.staging import join_verdicts, read_live, stage_rows
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

REMOVED = "duplicate_bytes"
_CUT, _SHARE, _LEAVES = "__cut", "__share", "__leaves"


class SubstringDuplicates(FrameStep):
    """Remove every string of at least ``min_bytes`` bytes that is there before, in the run or in the same text.

    Texts are in the order of ``doc_id``; the first occurrence stays. The method and the default are those of Lee et al.
    2022 (arXiv:2107.06499, section 4.1: 50 tokens, of about 4 bytes). A text of which nothing but white space is left,
    or with ``max_share`` more than that share is removed from, is dropped whole (``duplicate_substrings``, value: the
    share). Columns: reads ``doc_id`` and the text; replaces the text; adds ``duplicate_bytes``.

    All texts of the run are compared at once on the driver, in about 20 bytes of memory for a byte of text: a run of
    more than ``max_total_bytes`` is refused.
    """

    kind: Literal["substring_duplicates"] = "substring_duplicates"
    min_bytes: int = Field(default=200, ge=8)
    max_share: float = Field(default=1.0, gt=0, le=1)
    max_total_bytes: int = Field(default=500_000_000, ge=1)

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id",)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the count."""
        import pyarrow as pa

        return {REMOVED: pa.int64()}

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Stage the rows, compare all texts, put the cut ones in."""
        from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

        name = context.run.text_column
        text = F.col(f"`{name}`")
        staged, files = stage_rows(frame, context, self.kind)
        table = read_live(context, files, ["doc_id", name], not_null=name)
        joined = join_verdicts(staged, self._verdicts(table, name, context), context, f"{self.kind}_verdicts")
        is_touched = audit.is_live() & F.col(REMOVED).isNotNull()
        share = F.col(REMOVED) / F.octet_length(text)
        is_emptied = (F.trim(F.col(_CUT)) == "") | (share > self.max_share)
        marked = joined.withColumns({_SHARE: share, _LEAVES: is_touched & is_emptied})
        left = F.when(is_touched & ~F.col(_LEAVES), F.col(_CUT)).otherwise(text)
        tagged = audit.drop_where(
            marked.withColumn(name, left),
            F.col(_LEAVES),
            step=self.kind,
            reason="duplicate_substrings",
            value=F.col(_SHARE),
        )
        return tagged.withColumn(REMOVED, F.coalesce(F.col(REMOVED), F.lit(0))).drop(_CUT, _SHARE, _LEAVES)

    def _verdicts(self, table: pa.Table, name: str, context: FrameContext) -> pa.Table:
        """Return ``doc_id``, the text that is left and the bytes that were removed, of texts that lose some."""
        import pyarrow as pa

        from penstock.index.substrings import cut, repeated_ranges

        texts = table[name].cast(pa.large_binary()).to_pylist()
        total = sum(map(len, texts))
        if total > self.max_total_bytes:
            message = (
                f"{context.run.dataset} {context.run.run_key}: process step {self.kind}: expected at most "
                f"{self.max_total_bytes} bytes of text, got {total}; put a filter before it, or raise max_total_bytes "
                "where the driver has 20 bytes of memory for each"
            )
            raise ContractError(message)
        ids = table["doc_id"].to_pylist()
        rows = [
            (doc_id, cut(text, ranges).decode("utf-8", "replace"), sum(end - begin for begin, end in ranges))
            for doc_id, text, ranges in zip(ids, texts, repeated_ranges(texts, self.min_bytes), strict=True)
            if ranges
        ]
        return pa.table(
            {
                "doc_id": pa.array([row[0] for row in rows], type=pa.string()),
                _CUT: pa.array([row[1] for row in rows], type=pa.string()),
                REMOVED: pa.array([row[2] for row in rows], type=pa.int64()),
            }
        )
