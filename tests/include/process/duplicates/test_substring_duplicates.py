from __future__ import annotations

import pytest

from penstock.errors import ContractError
from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates.substring_duplicates import SubstringDuplicates
from penstock.process.step import FrameContext

LONG = "This sentence stands in many documents, as it is, word for word. "


@pytest.fixture
def run(spark, context, lake):
    def transform(rows, **options):
        attempt = lake.attempt(Zone.CLEAN, "notes", context.run_key, "a")
        frame = audit.with_audit(spark.createDataFrame(rows, "doc_id string, text string"))
        done = SubstringDuplicates(min_bytes=40, **options).transform(
            frame, FrameContext(run=context, attempt=attempt)
        )
        return {row.doc_id: row for row in done.collect()}

    return transform


def test_the_first_occurrence_stays(run):
    rows = [
        ("b", f"Before. {LONG}After."),
        ("a", f"First of all: {LONG}"),
        ("c", LONG),
        ("d", None),
        ("e", "short"),
    ]
    found = run(rows)
    assert (found["a"].text, found["b"].text, found["d"].text) == (rows[1][1], "Before.After.", None), (
        "the blank before it too"
    )
    assert (found["c"].drop_reason, found["c"].drop_value, found["c"].text) == (
        "duplicate_substrings",
        1.0,
        LONG,
    )
    assert {i: row.duplicate_bytes for i, row in found.items()} == {
        "a": 0, "b": len(LONG) + 1, "c": len(LONG), "d": 0, "e": 0,
    }  # fmt: skip


def test_a_run_that_does_not_fit_is_refused(run):
    with pytest.raises(ContractError, match="expected at most 10 bytes of text, got 65"):
        run([("a", LONG)], max_total_bytes=10)
