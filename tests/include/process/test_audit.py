from __future__ import annotations

import pytest

from penstock.process import audit

pytestmark = pytest.mark.usefixtures("spark")


@pytest.fixture
def frame(spark):
    return audit.with_audit(spark.createDataFrame([("a", 1), ("b", 5), ("c", None)], "doc_id string, n int"))


def test_every_row_begins_in_the_flow(frame):
    assert {row.outcome for row in frame.select(audit.outcome().alias("outcome")).collect()} == {audit.KEPT}
    assert audit.without_audit(frame).columns == ["doc_id", "n"]


def test_tags_live_rows_alone_and_loses_none(frame):
    from pyspark.sql import functions as F  # noqa: N812

    first = audit.drop_where(
        frame, F.col("n") > 3, step="s", reason="big", value=F.col("n"), detail=F.lit("d")
    )
    second = audit.drop_where(first, F.col("n") > 0, step="t", reason="any")
    rows = {row.doc_id: tuple(row[name] for name in audit.COLUMNS) for row in second.collect()}
    assert rows == {"a": ("t", "any", None, None), "b": ("s", "big", 5.0, "d"), "c": (None, None, None, None)}


def test_an_exception_is_a_failure_and_no_drop(frame):
    from pyspark.sql import functions as F  # noqa: N812

    tagged = audit.drop_where(frame, F.col("n") == 1, step="s", reason="process:s:ValueError")
    tagged = audit.drop_where(tagged, F.col("n") == 5, step="s", reason="big")
    found = {
        row.doc_id: row.outcome for row in tagged.select("doc_id", audit.outcome().alias("outcome")).collect()
    }
    assert found == {"a": audit.FAILED, "b": audit.DROPPED, "c": audit.KEPT}
