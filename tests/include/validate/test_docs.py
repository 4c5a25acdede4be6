"""Data Docs of one validation."""

from __future__ import annotations

from pathlib import Path

from penstock.validate.docs import write_docs
from penstock.validate.gate import judge
from penstock.validate.promises import parse


def test_a_page_shows_each_promise_with_its_reason_and_what_was_seen(spark, lake):
    promises = parse(
        "dataset: d\nexpectations:\n- {name: a is small, expect: expect_column_values_to_be_between, "
        "args: {column: a, max_value: 1}, severity: critical, reason: because it says so}",
        where="d",
    )
    report = judge(spark.createDataFrame([(1,), (4711,)], "a int"), promises, "2026-11-16", rows=2).report
    uri = write_docs(lake, report, dataset="d", run_key="2026-11-16", attempt_id="validate-1-x")
    assert uri == lake.full("docs/d/2026-11-16/attempt=validate-1-x/index.html")
    page = Path(uri).read_text(encoding="utf-8")
    assert "a is small" in page
    assert "4711" in page
    assert "because it says so" in page
