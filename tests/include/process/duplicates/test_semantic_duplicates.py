from __future__ import annotations

from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates.semantic_duplicates import SemanticDuplicates
from penstock.process.step import FrameContext


def test_of_the_same_meaning_the_oldest_stays(spark, context, lake):
    rows = [("c", [1.0, 0.0]), ("a", [2.0, 0.01]), ("b", [0.0, 1.0]), ("d", None), ("e", [0.9, 0.9])]
    frame = audit.with_audit(spark.createDataFrame(rows, "doc_id string, bert array<float>"))
    attempt = lake.attempt(Zone.CLEAN, "notes", context.run_key, "a")
    done = SemanticDuplicates().transform(frame, FrameContext(run=context, attempt=attempt))
    assert done.columns == frame.columns
    found = {row.doc_id: row for row in done.collect()}
    assert {i: row.drop_detail for i, row in found.items()} == {
        "a": None,
        "b": None,
        "c": "a",
        "d": None,
        "e": None,
    }
    assert (found["c"].drop_reason, found["c"].drop_value > 0.99) == ("semantic_duplicate", True)
