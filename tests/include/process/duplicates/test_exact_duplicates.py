from __future__ import annotations

import pytest

from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates.exact_duplicates import ExactDuplicates
from penstock.process.step import FrameContext

SCHEMA = "doc_id string, text string"


@pytest.fixture
def frames(context, lake):
    """What a step on the driver may use."""
    return FrameContext(run=context, attempt=lake.attempt(Zone.CLEAN, "notes", context.run_key, "a1"))


@pytest.fixture
def dropped(spark, frames):
    """Return the kept ``doc_id`` for each duplicate's."""

    def run(rows, **options):
        frame = audit.with_audit(spark.createDataFrame(rows, SCHEMA))
        done = ExactDuplicates(**options).transform(frame, frames)
        assert done.columns == frame.columns
        found = done.collect()
        assert sorted(row.doc_id for row in found) == sorted(doc_id for doc_id, _ in rows)
        assert {row.drop_reason for row in found} <= {None, "exact_duplicate"}
        return {row.doc_id: row.drop_detail for row in found if row.drop_step}

    return run


@pytest.mark.parametrize(
    ("options", "rows", "expected"),
    [
        ({}, [("b", "same"), ("a", "same"), ("c", "same"), ("d", "other")], {"b": "a", "c": "a"}),
        ({}, [("a", None), ("b", None), ("c", ""), ("d", "")], {}),
        ({}, [("a", "Same  Text"), ("b", " same\ttext\n"), ("c", "same\x0btext")], {"b": "a", "c": "a"}),
        ({"ignore_case": False}, [("a", "Same"), ("b", "same")], {}),
        ({"ignore_space": False}, [("a", "a b"), ("b", "a  b")], {}),
        ({"partitions": 1}, [("a", "质量\u3000很好"), ("b", "质量 很好"), ("c", "\U0001f600")], {"b": "a"}),
    ],
)
def test_of_the_same_text_the_least_id_stays(dropped, options, rows, expected):
    assert dropped(rows, **options) == expected


@pytest.mark.parametrize("partitions", [None, 3])
def test_spark_finds_the_same_of_more_rows_than_the_driver_compares(dropped, monkeypatch, partitions):
    monkeypatch.setattr("penstock.process.duplicates.keep_first.LOCAL_ROWS", 2)
    rows = [("b", "same"), ("a", "same"), ("c", " Same"), ("d", "other"), ("e", None), ("f", "")]
    assert dropped(rows, partitions=partitions) == {"b": "a", "c": "a"}


def test_an_empty_day_has_no_duplicates(dropped):
    assert dropped([]) == {}


def test_a_day_of_one_text_keeps_one(dropped):
    rows = [(f"{n:04}", "same") for n in range(300)]
    assert dropped(rows) == {doc_id: "0000" for doc_id, _ in rows[1:]}


def test_rows_that_left_before_are_neither_duplicates_nor_originals(spark, frames):
    from pyspark.sql import functions as F  # noqa: N812

    frame = audit.with_audit(spark.createDataFrame([("a", "same"), ("b", "same"), ("c", "same")], SCHEMA))
    frame = audit.drop_where(frame, F.col("doc_id") == "a", step="earlier", reason="why")
    rows = ExactDuplicates().transform(frame, frames).collect()
    assert {r.doc_id: (r.drop_step, r.drop_detail) for r in rows} == {
        "a": ("earlier", None), "b": (None, None), "c": ("exact_duplicates", "b"),
    }  # fmt: skip
