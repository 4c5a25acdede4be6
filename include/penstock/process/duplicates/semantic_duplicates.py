"""Step ``semantic_duplicates``: of documents that say nearly the same in other words, keep one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.process import audit
from penstock.process.duplicates.components import local_components
from penstock.process.duplicates.staging import join_verdicts, read_live, stage_rows, string_array
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_KEPT, _SIMILARITY = "__kept", "__similarity"


class SemanticDuplicates(FrameStep):
    """Drop (``semantic_duplicate``, value: the cosine, detail: the kept ``doc_id``) all but the oldest of each cluster.

    Documents whose vectors have a cosine of at least ``threshold`` are linked, each with its ``neighbours`` nearest
    (Abbas et al. 2023, arXiv:2303.09540, drop at 0.95 and above); the oldest, that is the least ``doc_id``, is kept. A
    document without vector is no duplicate. Columns: reads ``doc_id`` and ``column`` (step ``bert``); adds none. The
    vectors of the run are held on the driver (about 4 kB each).
    """

    kind: Literal["semantic_duplicates"] = "semantic_duplicates"
    column: str = "bert"
    threshold: float = Field(default=0.95, gt=0, le=1)
    neighbours: int = Field(default=16, ge=1, le=1_000)

    def reads(self) -> tuple[str, ...]:
        """Return the columns."""
        return ("doc_id", self.column)

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Stage the rows, compare their vectors, tag the duplicates."""
        from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

        staged, files = stage_rows(frame, context, self.kind)
        table = read_live(context, files, ["doc_id", self.column], not_null=self.column)
        joined = join_verdicts(staged, self._verdicts(table), context, f"{self.kind}_verdicts")
        tagged = audit.drop_where(
            joined,
            F.col(_KEPT).isNotNull(),
            step=self.kind,
            reason="semantic_duplicate",
            value=F.col(_SIMILARITY),
            detail=F.col(_KEPT),
        )
        return tagged.drop(_KEPT, _SIMILARITY)

    def _verdicts(self, table: pa.Table) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        from penstock.index.vectors import cosines, near_pairs

        ids = table["doc_id"].to_pylist()
        values = [np.asarray(value, dtype=np.float32) for value in table[self.column].to_pylist()]
        vectors = np.stack(values) if values else np.empty((0, 1), dtype=np.float32)
        nodes, kept = local_components(near_pairs(vectors, self.threshold, self.neighbours))
        is_gone = nodes != kept
        nodes, kept = nodes[is_gone], kept[is_gone]
        return pa.table(
            {
                "doc_id": string_array([ids[row] for row in nodes.tolist()]),
                _KEPT: string_array([ids[row] for row in kept.tolist()]),
                _SIMILARITY: pa.array(cosines(vectors, nodes, kept), type=pa.float64()),
            }
        )
