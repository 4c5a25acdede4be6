"""Each row-level promise finds the same rows as Great Expectations does, missing and odd values included."""

from __future__ import annotations

import pytest
from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType

from penstock.validate.gate import judge
from penstock.validate.promises import Promises, parse
from penstock.validate.split import compare, split

SCHEMA = StructType(
    [
        StructField("id", IntegerType()),
        StructField("text", StringType()),
        StructField("a", DoubleType()),
        StructField("b", DoubleType()),
    ]
)
ROWS = [
    (1, "one", 1.0, 0.0),
    (2, "two", 0.0, 0.0),
    (2, "two", 0.0, 1.0),
    (3, "", None, 1.0),
    (4, None, 5.0, None),
    (None, "\0", float("nan"), 5.0),
    (None, None, None, None),
    (5, "line\nbreak \U0001f600", -1e300, float("inf")),
]
# what is promised, and the positions of the rows that break it
CASES = [
    ("expect_column_values_to_not_be_null, args: {column: text}", [4, 6]),
    ("expect_column_values_to_be_between, args: {column: a, min_value: 0, max_value: 5}", [5, 7]),
    ("expect_column_values_to_be_between, args: {column: a, min_value: 0, strict_min: true}", [1, 2, 7]),
    ("expect_column_values_to_be_between, args: {column: a, max_value: 5, strict_max: true}", [4, 5]),
    ("expect_column_values_to_be_in_set, args: {column: id, value_set: [1, 2]}", [3, 4, 7]),
    ("expect_column_values_to_be_in_set, args: {column: text, value_set: [one, two, '']}", [5, 7]),
    ("expect_column_values_to_not_be_in_set, args: {column: id, value_set: [1, 9]}", [0]),
    ("expect_column_values_to_match_regex, args: {column: text, regex: '^[a-z]+$'}", [3, 5, 7]),
    ("expect_column_values_to_not_match_regex, args: {column: text, regex: 'w|break'}", [1, 2, 7]),
    ("expect_column_value_lengths_to_be_between, args: {column: text, min_value: 1, max_value: 3}", [3, 7]),
    (
        "expect_column_value_lengths_to_be_between, args: {column: text, min_value: 1, strict_min: true}",
        [3, 5],
    ),
    ("expect_column_values_to_be_unique, args: {column: id}", [1, 2]),
    ("expect_compound_columns_to_be_unique, args: {column_list: [id, text]}", [1, 2]),
    ("expect_compound_columns_to_be_unique, args: {column_list: [id, b]}", []),
    ("expect_column_pair_values_a_to_be_greater_than_b, args: {column_A: a, column_B: b}", [1, 2, 7]),
    (
        "expect_column_pair_values_a_to_be_greater_than_b, args: {column_A: a, column_B: b, or_equal: true}",
        [2, 7],
    ),
    ("unexpected_rows_expectation, args: {condition: a >= b}", [2, 7]),
    ("unexpected_rows_expectation, args: {condition: \"text NOT LIKE '%o%' OR id IS NULL\"}", [0, 1, 2]),
]


def promises_of(case: str) -> Promises:
    return parse(
        f"dataset: d\nexpectations:\n- {{name: p, expect: {case}, severity: info, reason: r}}", where="d"
    )


@pytest.fixture(scope="module")
def frame(spark):
    numbered = StructType([*SCHEMA.fields, StructField("position", IntegerType())])
    return spark.createDataFrame([(*row, number) for number, row in enumerate(ROWS)], numbered)


@pytest.mark.parametrize(
    ("case", "broken"), CASES, ids=[case.split(",")[0] + f"-{n}" for n, (case, _) in enumerate(CASES)]
)
def test_a_promise_is_broken_by_these_rows_for_both(frame, case, broken):
    promises = promises_of(case)
    found = split(frame, promises, "2026-11-16")
    assert sorted(row.position for row in found.quarantine().collect()) == broken
    judgement = judge(frame, promises, "2026-11-16", rows=found.rows)
    assert judgement.results[0].unexpected_rows == len(broken)
    compare(found, judgement.results, where="d 2026-11-16")


def test_every_row_level_type_has_a_case():
    from penstock.validate.kinds import KINDS, find_kind

    tried = {find_kind(case.split(",")[0]) for case, _ in CASES}
    assert {kind for kind in KINDS.values() if kind.level == "row"} <= tried
