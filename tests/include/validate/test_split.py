"""Rows that break a promise are set apart, counted once, and the counts are compared."""

from __future__ import annotations

import pytest

from penstock.errors import ContractError
from penstock.validate.gate import Result
from penstock.validate.promises import parse
from penstock.validate.split import compare, split

PROMISES = parse(
    """
dataset: d
expectations:
- {name: small, expect: expect_column_values_to_be_between, args: {column: a, max_value: 2}, severity: info, reason: r}
- {name: odd, expect: unexpected_rows_expectation, args: {condition: a % 2 = 1}, severity: info, reason: r}
- {name: known, expect: expect_column_values_to_not_be_null, args: {column: a},
   severity: info, reason: r, quarantine: false}
- {name: rows, expect: expect_table_row_count_to_be_between, args: {min_value: 1}, severity: info, reason: r}
""",
    where="d",
)


def test_a_row_counts_under_the_first_promise_that_sends_it_away(spark):
    frame = spark.createDataFrame([(1,), (2,), (3,), (4,), (4,), (None,)], "a int")
    found = split(frame, PROMISES, "2026-11-16")
    assert (found.rows, found.quarantined) == (6, {"small": 3, "odd": 1})
    assert found.broken == {"small": 3, "odd": 3, "known": 1}
    assert sorted((row.a for row in found.checked().collect()), key=str) == [1, None]
    assert found.checked().columns == ["a"]
    tagged = {row.a: row.failed_expectations for row in found.quarantine().collect()}
    assert tagged == {2: ["odd"], 3: ["small"], 4: ["small", "odd"]}


def test_no_rows_and_no_promises_are_fine(spark):
    nothing = parse("dataset: d\nexpectations: []", where="d")
    frame = spark.createDataFrame([], "a int")
    assert split(frame, PROMISES, "2026-11-16").rows == 0
    found = split(spark.createDataFrame([(1,)], "a int"), nothing, "2026-11-16")
    assert (found.rows, found.quarantined, found.checked().count(), found.quarantine().count()) == (
        1,
        {},
        1,
        0,
    )


def test_a_gate_that_does_not_tell_the_truth_is_refused(spark):
    found = split(spark.createDataFrame([(3,)], "a int"), PROMISES, "2026-11-16")
    result = Result(
        name="small",
        expectation_type="x",
        severity="info",
        success=True,
        unexpected_rows=0,
        checked_rows=1,
        reason="r",
    )
    with pytest.raises(
        ContractError, match="Great Expectations counted 0 rows that break it and the quarantine 1"
    ):
        compare(found, [result], where="d 2026-11-16")
    compare(found, [result.model_copy(update={"unexpected_rows": 1})], where="d")
    compare(found, [result.model_copy(update={"unexpected_rows": None})], where="d")
