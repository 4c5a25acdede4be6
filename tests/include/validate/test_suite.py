"""From promises to a Great Expectations suite."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.errors import RecipeError
from penstock.validate.promises import parse
from penstock.validate.suite import arguments_of, build_suite

PROMISES = parse(
    """
dataset: d
expectations:
- {name: inside the day, expect: expect_column_values_to_be_between, severity: critical, reason: a day is a day,
   args: {column: at, min_value: "{day}", max_value: "{next_day}", strict_max: true}}
- {name: a word in braces, expect: unexpected_rows_expectation,
   severity: info, reason: r, args: {condition: "a <> '{x}'"}}
- {name: a list, expect: expect_column_distinct_values_to_be_in_set, severity: warning, reason: r,
   args: {column: day, value_set: ["{day}", 1, null]}}
- {name: pairs, expect: expect_column_pair_values_a_to_be_greater_than_b, severity: warning, reason: r,
   args: {column_A: a, column_B: b}}
""",
    where="d",
)


def test_each_expectation_carries_name_severity_reason_and_filled_arguments():
    first, *_ = build_suite(PROMISES, "2024-02-29").expectations
    assert (first.min_value, first.max_value, first.strict_max) == (date(2024, 2, 29), date(2024, 3, 1), True)
    assert (first.meta, first.description, first.notes) == (
        {"name": "inside the day"},
        "inside the day: a day is a day",
        "a day is a day",
    )
    assert first.severity == "critical"


def test_the_order_is_that_of_the_file():
    assert [e.meta["name"] for e in build_suite(PROMISES, "2024-02-29").expectations] == [
        promise.name for promise in PROMISES.expectations
    ]


def test_only_some_are_built_when_only_some_are_asked():
    [one] = build_suite(PROMISES, "2024-02-29", only=frozenset({"a list"})).expectations
    assert one.value_set == ["2024-02-29", 1, None]
    assert build_suite(PROMISES, "2024-02-29", only=frozenset()).expectations == []


def test_braces_of_a_condition_reach_spark_as_they_were_written():
    query = build_suite(PROMISES, "2024-02-29").expectations[1].unexpected_rows_query
    assert query.format(batch="t") == "SELECT * FROM t WHERE NOT (a <> '{x}')"


def test_arguments_that_great_expectations_refuses_are_named():
    text = (
        "dataset: d\nexpectations:\n- {name: odd, expect: expect_table_row_count_to_be_between, "
        "args: {min_value: [1]}, severity: info, reason: r}"
    )
    with pytest.raises(RecipeError, match="'odd' has others"):
        build_suite(parse(text, where="d"), "2024-02-29")


def test_a_pair_with_a_missing_value_is_left_to_its_own_promise():
    assert build_suite(PROMISES, "2024-02-29").expectations[3].ignore_row_if == "either_value_is_missing"


def test_arguments_without_words_stay_as_they_are():
    assert arguments_of(PROMISES.expectations[3], "2024-02-29") == {"column_A": "a", "column_B": "b"}
