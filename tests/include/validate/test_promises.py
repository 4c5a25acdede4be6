"""Promises are refused at parse, with file, line, key and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import RecipeError
from penstock.validate.promises import load, parse

EXPECTATIONS = Path(__file__).parents[3] / "include" / "expectations"


def text(*, name="n", expect="expect_column_values_to_be_between", args="{column: c, min_value: 0}", more=""):
    return (
        f"dataset: d\nexpectations:\n- name: {name}\n  expect: {expect}\n  args: {args}\n  severity: critical\n"
        f"  reason: because\n{more}"
    )


def test_a_promise_is_read_with_its_defaults():
    [promise] = parse(text(), where="d.yaml").expectations
    assert promise.expect == "ExpectColumnValuesToBeBetween"
    assert (promise.quarantine, promise.is_row_level, promise.columns) == (True, True, ("c",))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            text(expect="expect_column_values_to_be_betwen"),
            "did you mean expect_column_values_to_be_between?",
        ),
        (text(expect="ExpectColumnValueToBeBetween"), "did you mean ExpectColumnValuesToBeBetween?"),
        (text(expect="zzz"), "valid types: expect_column_values_to_not_be_null,"),
        (text(args="{column: c, min_valu: 0}"), "unknown argument 'min_valu'.*did you mean min_value?"),
        (text(args="{column: c, zzz: 0}"), "valid arguments: column, max_value, min_value, mostly"),
        (text(args="{min_value: 0}"), "expected args column"),
        (text(args="{column: c}"), "expected one of args max_value, min_value"),
        (text(args="{column: c, min_value: 2, max_value: 1}"), "expected min_value <= max_value, got 2 > 1"),
        (text(args="{column: c, min_value: 0, mostly: 95}"), "expected mostly between 0 and 1"),
        (text(args="{column: c, min_value: 0, mostly: true}"), "expected mostly between 0 and 1"),
        (text(args="{column: c, min_value: 0, mostly: 0}"), "expected mostly between 0 and 1"),
        (text(args="{column: c, min_value: 0, mostly: x}"), "expected mostly between 0 and 1"),
        (text(args="[]"), "valid dictionary"),
        (
            text(expect="expect_column_values_to_be_in_set", args="{column: c, value_set: []}"),
            "at least one item",
        ),
        (
            text(expect="expect_column_values_to_be_in_set", args="{column: c, value_set: x}"),
            "one item, got 'x'",
        ),
        (text(more="  severty: info\n"), "unknown key; did you mean severity?"),
        (text(more="- {name: n2}\n"), "expected a value, got nothing"),
        (text() + text().split("expectations:\n")[1], "expected each name once, got 'n' twice"),
        (text(name='""'), "at least 1 character"),
        ("dataset: d\nexpectations: none", "valid tuple"),
        ("- a list", "expected a mapping of keys"),
        ("", "expected a mapping of keys"),
        ("a: b: c", "expected valid YAML"),
    ],
)
def test_what_is_wrong_is_refused_with_what_would_be_right(written, said):
    with pytest.raises(RecipeError, match=said) as caught:
        parse(written, where="d.yaml")
    assert "d.yaml" in str(caught.value)


def test_an_error_names_key_and_line():
    with pytest.raises(RecipeError, match=r"expectations\[0\]\.expect: .* \(d\.yaml:4\)"):
        parse(text(expect="zzz"), where="d.yaml")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("{condition: 'a > 1', unexpected_rows_query: 'SELECT 1 FROM {batch}'}", "got both; keep one"),
        ("{unexpected_rows_query: SELECT 1}", "expected {batch} in unexpected_rows_query"),
        ("{}", "expected one of args condition, unexpected_rows_query"),
    ],
)
def test_a_query_is_of_each_row_or_of_the_table(args, said):
    with pytest.raises(RecipeError, match=said):
        parse(text(expect="unexpected_rows_expectation", args=args), where="d.yaml")


def test_a_condition_is_row_level_and_a_query_is_not():
    for args, is_row_level in (
        ("{condition: a > 1}", True),
        ("{unexpected_rows_query: 'SELECT 1 FROM {batch}'}", False),
    ):
        [promise] = parse(text(expect="unexpected_rows_expectation", args=args), where="d").expectations
        assert promise.is_row_level is is_row_level


def test_no_promises_are_a_file_too():
    assert parse("dataset: d\nexpectations: []", where="d").expectations == ()


def test_a_reason_decides_no_rows():
    one, other = (parse(text().replace("because", word), where="d") for word in ("because", "why not"))
    assert one.inputs() == other.inputs()
    assert one.inputs() != parse(text(args="{column: c, min_value: 1}"), where="d").inputs()


def test_a_file_has_the_name_of_its_dataset(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(text())
    with pytest.raises(RecipeError, match="expected dataset: e"):
        load(path)


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "opinion_text.yaml").write_text("")
    with pytest.raises(RecipeError, match="did you mean opinion_text"):
        load(tmp_path / "opinion_texts.yaml")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "d.yaml"
    path.write_bytes(b"dataset: \xff")
    with pytest.raises(RecipeError, match="expected UTF-8 text, got byte 0xff at 9"):
        load(path)


@pytest.mark.parametrize("path", sorted(EXPECTATIONS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_datasets_own_promises_are_read(path):
    promises = load(path)
    assert {promise.severity for promise in promises.expectations} >= {"critical", "warning"}
