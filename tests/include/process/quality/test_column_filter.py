from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from penstock.errors import RecipeError
from penstock.process.document_pass import output_schema
from penstock.process.plan import build_passes
from penstock.process.quality.column_filter import ColumnFilter
from penstock.process.quality.regular_expression import RegularExpression
from penstock.process.step import Drop

TEXT, LIST = pa.string(), pa.list_(pa.string())


@pytest.mark.parametrize(
    ("conditions", "value", "stays"),
    [
        ({"one_of": ["mit", "apache"]}, "mit", True), ({"one_of": ["mit"]}, "gpl", False),
        ({"one_of": ["mit"]}, "MIT", False), ({"one_of": [""]}, "", True), ({"one_of": []}, "mit", False),
        ({"none_of": ["gpl"]}, "mit", True), ({"none_of": ["gpl"]}, "gpl", False),
        ({"one_of": ["a"]}, ["b", "a"], True), ({"one_of": ["a"]}, ["b"], False), ({"one_of": ["a"]}, [], False),
        ({"none_of": ["a"]}, ["b", "a"], False), ({"none_of": ["a"]}, [], True), ({"none_of": ["a"]}, [None], True),
        ({"min": 2, "max": 3}, 2, True), ({"min": 2, "max": 3}, 3.0, True), ({"min": 2, "max": 3}, 3.1, False),
        ({"min": 2}, 1, False), ({"one_of": [2]}, 2.0, True), ({"none_of": [2**60 + 1]}, 2**60 + 1, False),
        ({"one_of": [True]}, True, True), ({"one_of": [True]}, False, False),
        ({"matches": r"\.(md|txt)$"}, "a.md", True), ({"matches": r"\.(md|txt)$"}, "a.md.py", False),
        ({"matches": "^b"}, ["a", "b"], True), ({"matches": "^b"}, ["a"], False), ({"matches": "."}, "\ud800", True),
        ({"one_of": ["a", "b"], "none_of": ["b"], "matches": "a"}, "b", False),
    ],
)  # fmt: skip
def test_every_condition_must_be_met(apply_to, conditions, value, stays):
    verdict = apply_to(ColumnFilter(column="what", **conditions), None, what=value)[1]
    assert (verdict is None) == stays
    assert stays or verdict.reason == "column_filter"


def test_the_detail_is_the_column_and_the_value(apply_to):
    assert apply_to(ColumnFilter(column="stars", min=2), None, stars=1)[1] == Drop(
        "column_filter", 1.0, "stars: 1"
    )
    verdict = apply_to(ColumnFilter(column="tags", one_of=["a"]), None, tags=["b", "c"])[1]
    assert verdict == Drop("column_filter", None, "tags: b, c")
    assert len(apply_to(ColumnFilter(column="t", one_of=["a"]), None, t="b" * 9999)[1].detail) == 103


@pytest.mark.parametrize("value", [None, float("nan")])
@pytest.mark.parametrize("conditions", [{"min": 1}, {"none_of": [5]}, {}])
def test_what_is_missing_leaves_unless_it_is_kept(apply_to, conditions, value):
    verdict = apply_to(ColumnFilter(column="stars", **conditions), None, stars=value)[1]
    assert verdict == Drop("column_filter", None, "stars is missing")
    if conditions:
        assert (
            apply_to(ColumnFilter(column="stars", **conditions, missing="keep"), None, stars=value)[1] is None
        )


@pytest.mark.parametrize(
    ("conditions", "kind", "message"),
    [
        ({"min": 1}, TEXT, "'what' to hold number for min, got string"),
        ({"max": 1}, LIST, "'what' to hold number for max, got list<"),
        ({"matches": "a"}, pa.int64(), "to hold text or list of text for matches, got int64"),
        ({"one_of": [1]}, TEXT, r"to hold number for one_of \(1\), got string"),
        ({"one_of": ["no", False]}, TEXT, r"to hold boolean for one_of \(False\), got string"),
        ({"none_of": ["1"]}, pa.float32(), r"to hold text or list of text for none_of \('1'\), got float"),
        ({"none_of": [1]}, pa.bool_(), "got bool"),
        ({}, pa.timestamp("us"), "expected column 'what' to hold text, numbers, booleans or lists of text"),
        ({}, pa.list_(pa.int64()), "make such a column first"),
    ],
)
def test_a_column_of_another_type_is_the_recipes_fault(context, conditions, kind, message):
    (only,) = build_passes([ColumnFilter(column="what", **conditions)], context)
    with pytest.raises(RecipeError, match=message):
        output_schema(only, pa.schema({"what": kind}))


def test_the_type_is_that_before_the_step(context):
    steps = [RegularExpression(pattern="a", annotate="what"), ColumnFilter(column="what", min=1)]
    (only,) = build_passes(steps, context)
    assert output_schema(only, pa.schema({"text": TEXT, "what": TEXT})).field("what").type == pa.float64()


@pytest.mark.parametrize(
    ("values", "conditions", "kept"),
    [
        (pa.array(["a", "b", None]), {"one_of": ["a"]}, [0]),
        (pa.array(["a", "b", None], type=pa.large_string()), {"matches": "b"}, [1]),
        (pa.array([1, 2, None], type=pa.int16()), {"one_of": [2]}, [1]),
        (pa.array([1.0, float("nan"), None], type=pa.float32()), {"max": 1}, [0]),
        (pa.array([True, False, None]), {"none_of": [True], "missing": "keep"}, [1, 2]),
        (pa.array([["a"], [], None]), {"none_of": ["a"]}, [1]),
        (pa.nulls(3), {"min": 1, "missing": "keep"}, [0, 1, 2]),
    ],
)
def test_works_on_columns_of_every_supported_type(run_fused, raw_of, values, conditions, kept):
    done = run_fused([ColumnFilter(column="what", **conditions)], raw_of(["x"] * 3, what=values))
    reasons = done.column("drop_reason").to_pylist()
    assert [n for n in range(3) if reasons[n] is None] == kept
    assert set(reasons) <= {None, "column_filter"}


@pytest.mark.parametrize(
    "wrong",
    [{"missing": "keep"}, {"min": 2, "max": 1}, {"matches": "(?=a)"}, {"one_of": [[1]]}, {"one_of": "mit"}],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        ColumnFilter(column="what", **wrong)


def test_the_types_of_entries_survive_json():
    step = ColumnFilter(column="what", one_of=[True, 1, 1.0, "1"])
    again = ColumnFilter.model_validate_json(step.model_dump_json())
    assert [type(entry) for entry in again.one_of] == [bool, int, float, str]
