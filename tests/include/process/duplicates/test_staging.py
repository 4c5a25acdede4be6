from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.errors import ContractError
from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates.staging import join_verdicts, read_live, stage_rows
from penstock.process.step import FrameContext

SCHEMA = "doc_id string, text string, n binary"


@pytest.fixture
def frames(context, lake):
    return FrameContext(run=context, attempt=lake.attempt(Zone.CLEAN, "notes", context.run_key, "a"))


def test_live_rows_come_back_sorted_each_once(spark, frames):
    rows = [("c", "x", b"1"), ("a", "y", b"2"), ("c", "z", b"3"), ("b", None, None)]
    staged, files = stage_rows(audit.with_audit(spark.createDataFrame(rows, SCHEMA)), frames, "x")
    found = read_live(frames, files, ["doc_id", "n"], not_null="n")
    assert found["doc_id"].to_pylist() == ["a", "c"]
    verdicts = pa.table({"doc_id": ["a", "b"], "said": [1, 2]})
    joined = join_verdicts(staged, verdicts, frames, "v")
    assert {r.doc_id: r.said for r in joined.collect()} == {"a": 1, "b": 2, "c": None}
    assert joined.count() == len(rows)


def test_no_rows(spark, frames):
    staged, files = stage_rows(audit.with_audit(spark.createDataFrame([], SCHEMA)), frames, "x")
    assert read_live(frames, files, ["doc_id", "n"], not_null="n").num_rows == 0
    assert staged.count() == 0


def test_without_an_attempt_it_says_so(spark, context):
    with pytest.raises(ContractError, match="expected an attempt"):
        stage_rows(spark.createDataFrame([], SCHEMA), FrameContext(run=context), "x")
