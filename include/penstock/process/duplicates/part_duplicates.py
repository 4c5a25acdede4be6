"""Step ``part_duplicates``: lines, paragraphs or sentences that are in the run before leave the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from penstock.process import audit
from penstock.process.duplicates.staging import join_verdicts, read_live, stage_rows
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame

REMOVED = "duplicate_parts"
_KEYS, _POSITIONS = "__part_keys", "__part_positions"


class PartDuplicates(FrameStep):
    """Remove each line (``unit``: or paragraph, or sentence) of a text that a text before it in the run has.

    Texts are in the order of ``doc_id``, and the first occurrence stays, also of a part that is twice in one text.
    Parts are the same when they are after lowercasing and with white space as one blank; parts of fewer than
    ``min_chars`` characters stay, however often they occur. A text of which nothing is left is dropped
    (``only_duplicate_parts``, value: the parts that it had), and keeps its text.

    Columns: reads ``doc_id`` and the text; replaces the text; adds ``duplicate_parts`` (how many were removed). The
    hashes of all parts (8 bytes each) are compared on the driver: about 0.5 GB for 10 million parts.
    """

    kind: Literal["part_duplicates"] = "part_duplicates"
    unit: Literal["line", "paragraph", "sentence"] = "line"
    min_chars: int = Field(default=20, ge=1)

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id",)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the count."""
        import pyarrow as pa

        return {REMOVED: pa.int32()}

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Stage the rows with the hashes of their parts, find what is there before, cut it out."""
        from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

        from penstock.index.unit_columns import cutter, keyer

        name, text = f"{self.kind}_{self.unit}", F.col(f"`{context.run.text_column}`")
        keys = F.arrow_udf(keyer(self.unit, self.min_chars), returnType="binary")
        prepared = frame.withColumn(_KEYS, keys(F.when(audit.is_live(), text)))
        staged, files = stage_rows(prepared, context, name)
        table = read_live(context, files, ["doc_id", _KEYS], not_null=_KEYS)
        joined = join_verdicts(staged, repeated_parts(table), context, f"{name}_verdicts")
        cut = F.arrow_udf(cutter(self.unit), returnType="string")(text, F.col(_POSITIONS))
        is_touched = audit.is_live() & F.col(_POSITIONS).isNotNull()
        is_empty = is_touched & (F.length(F.col(_KEYS)) == F.length(F.col(_POSITIONS)) * 2)
        tagged = audit.drop_where(
            joined.withColumn(context.run.text_column, F.when(is_touched & ~is_empty, cut).otherwise(text)),
            is_empty,
            step=self.kind,
            reason="only_duplicate_parts",
            value=_count(_POSITIONS),
        )
        return tagged.withColumn(REMOVED, F.coalesce(_count(_POSITIONS), F.lit(0))).drop(_KEYS, _POSITIONS)


def repeated_parts(table: pa.Table) -> pa.Table:
    """Return, for each document that has some, the positions (32 bits each) of its parts that are there before."""
    import numpy as np
    import pyarrow as pa

    values = table[_KEYS].to_pylist()
    counts = np.array([len(value) // 8 for value in values], dtype=np.int64)
    keys = np.frombuffer(b"".join(values), dtype="<u8")
    order = np.argsort(keys, kind="stable")
    is_repeated = np.zeros(len(keys), dtype=bool)
    ordered = keys[order]
    is_repeated[order[1:]] = (ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)
    starts = np.cumsum(counts) - counts
    owners = np.repeat(np.arange(len(counts)), counts)
    found = np.flatnonzero(is_repeated)
    positions = (found - starts[owners[found]]).astype("<u4")
    touched, firsts = np.unique(owners[found], return_index=True)
    ids = table["doc_id"].to_pylist()
    return pa.table(
        {
            "doc_id": pa.array([ids[row] for row in touched.tolist()], type=pa.string()),
            _POSITIONS: pa.array(list(_pieces(positions, firsts)), type=pa.binary()),
        }
    )


def _pieces(positions: Any, firsts: Any) -> Iterator[bytes]:
    bounds = [*firsts.tolist(), len(positions)]
    for begin, end in pairwise(bounds):
        yield positions[begin:end].tobytes()


def _count(column: str) -> Column:
    from pyspark.sql import functions as F  # noqa: N812

    return (F.length(F.col(column)) / 4).cast("int")
