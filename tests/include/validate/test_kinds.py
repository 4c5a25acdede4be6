"""The table of expectation types, against Great Expectations' own classes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from penstock.validate.kinds import KINDS, UNEXPECTED_ROWS, Kind, find_kind, names, snake

OURS = {UNEXPECTED_ROWS: {"condition"}}
THEIRS_ONLY = {"batch_id", "row_condition", "condition_parser", "ignore_row_if"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_type_is_one_of_great_expectations_with_its_arguments(kind: Kind):
    from great_expectations.expectations import core
    from great_expectations.expectations.expectation import Expectation

    fields = {
        name: field
        for name, field in getattr(core, kind.name).__fields__.items()
        if name not in Expectation.__fields__
        and name not in THEIRS_ONLY | {"library_metadata", "column_index"}
    }
    assert kind.arguments - OURS.get(kind.name, set()) == fields.keys()
    needed = {name for name, field in fields.items() if field.required}
    assert needed - kind.one_of <= kind.required


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_row_level_type_is_one_that_great_expectations_maps_over_rows(kind: Kind):
    from great_expectations.expectations import core
    from great_expectations.expectations import expectation as base

    maps = (base.ColumnMapExpectation, base.ColumnPairMapExpectation, base.MulticolumnMapExpectation)
    assert issubclass(getattr(core, kind.name), maps) == (kind.level == "row")


@pytest.mark.parametrize(
    ("camel", "snaked"),
    [
        ("ExpectColumnToExist", "expect_column_to_exist"),
        ("ExpectColumnPairValuesAToBeGreaterThanB", "expect_column_pair_values_a_to_be_greater_than_b"),
        ("UnexpectedRowsExpectation", "unexpected_rows_expectation"),
    ],
)
def test_a_type_is_found_by_both_of_its_names(camel, snaked):
    assert snake(camel) == snaked
    assert find_kind(camel) is find_kind(snaked) is KINDS[camel]


@pytest.mark.parametrize("garbage", ["", "expect", "ExpectColumn", "EXPECT_COLUMN_TO_EXIST"])
def test_garbage_names_nothing(garbage):
    assert find_kind(garbage) is None


def test_names_are_all_different():
    assert len(set(names())) == len(names()) == 2 * len(KINDS)


def test_a_promise_is_parsed_without_great_expectations():
    code = "import sys, penstock.validate.promises; assert not {'great_expectations', 'pyspark'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
