"""The verdict, and results as the ledger keeps them."""

from __future__ import annotations

import json

import pytest

from penstock.errors import RecipeError
from penstock.receipt import Verdict
from penstock.validate.gate import Judgement, Result, judge
from penstock.validate.promises import parse


def result(severity: str, *, success: bool) -> Result:
    return Result(name="n", expectation_type="t", severity=severity, success=success, reason="r")


@pytest.mark.parametrize(
    ("failed", "verdict"),
    [
        ([], Verdict.PASS),
        (["info"], Verdict.PASS),
        (["warning", "info"], Verdict.WARN),
        (["critical"], Verdict.FAIL),
        (["info", "warning", "critical"], Verdict.FAIL),
    ],
)
def test_the_gravest_failure_decides(failed, verdict):
    held = [result(severity, success=True) for severity in ("critical", "warning", "info")]
    results = (*held, *(result(severity, success=False) for severity in failed))
    assert Judgement(results, report=None).verdict is verdict


AGGREGATES = parse(
    """
dataset: d
expectations:
- {name: mean, expect: expect_column_mean_to_be_between, args: {column: a, min_value: 0}, severity: warning, reason: r}
- {name: distinct, expect: expect_column_distinct_values_to_be_in_set, args: {column: t, value_set: [x]},
   severity: info, reason: r}
- {name: columns, expect: expect_table_columns_to_match_set, args: {column_set: [a, t]}, severity: critical, reason: r}
- {name: a is there, expect: expect_column_to_exist, args: {column: a}, severity: critical, reason: r}
- {name: c is there, expect: expect_column_to_exist, args: {column: c}, severity: info, reason: r}
- {name: minimum, expect: expect_column_min_to_be_between, args: {column: a, min_value: 0},
   severity: warning, reason: r}
""",
    where="d",
)


def test_table_level_results_hold_what_was_observed(spark):
    frame = spark.createDataFrame([(1.0, "x"), (-3.0, "y"), (None, None)], "a double, t string")
    judgement = judge(frame, AGGREGATES, "2026-11-16", rows=3)
    by_name = {r.name: r for r in judgement.results}
    assert (by_name["mean"].observed, by_name["mean"].success) == (-1.0, False)
    assert (by_name["minimum"].observed, by_name["minimum"].success) == (-3.0, False)
    assert by_name["distinct"].observed == {"unexpected": ["y"], "missing": []}
    assert (by_name["columns"].success, by_name["a is there"].success, by_name["c is there"].success) == (
        True,
        True,
        False,
    )
    assert judgement.verdict is Verdict.WARN
    json.dumps([r.model_dump(mode="json") for r in judgement.results], allow_nan=False)


def test_what_json_cannot_say_is_kept_as_text(spark):
    frame = spark.createDataFrame([(float("nan"), "x")], "a double, t string")
    observed = next(
        r.observed for r in judge(frame, AGGREGATES, "2026-11-16", rows=1).results if r.name == "mean"
    )
    assert observed in ("nan", None)


def test_a_table_without_rows_crashes_nothing(spark):
    judgement = judge(spark.createDataFrame([], "a double, t string"), AGGREGATES, "2026-11-16", rows=0)
    assert {r.name for r in judgement.results if not r.success} == {"c is there"}
    assert len(judgement.results) == len(AGGREGATES.expectations)


def test_a_promise_that_great_expectations_cannot_evaluate_is_named(spark):
    frame = spark.createDataFrame([("x",)], "t string")
    promises = parse(
        "dataset: d\nexpectations:\n- {name: odd, expect: expect_column_values_to_be_between, "
        "args: {column: t, min_value: 1}, severity: info, reason: r}",
        where="d",
    )
    with pytest.raises(RecipeError, match=r"'odd'.*could not be evaluated.*mend include/expectations/d.yaml"):
        judge(frame, promises, "2026-11-16", rows=1)


def test_no_temporary_folder_is_left_behind(spark, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    judge(spark.createDataFrame([(1.0, "x")], "a double, t string"), AGGREGATES, "2026-11-16", rows=1)
    assert list(tmp_path.iterdir()) == []
