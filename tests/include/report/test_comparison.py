"""Two recipes on the same rows, or two days, beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pytest
from tests.include.report.conftest import HOSTILE

from penstock.process.step import Context
from penstock.recipe import Recipe
from penstock.report import comparison, comparison_html
from penstock.report.comparison import Comparison, compare_days, compare_trials
from penstock.report.days import key_column, observe_day
from penstock.report.trial import Bench, try_steps

Compare = Callable[..., Comparison]


@pytest.fixture
def compared(recipe_of: Callable[..., Recipe], raw_of: Callable[..., pa.Table]) -> Compare:
    def run(texts: Sequence[str | None], first: str, second: str) -> Comparison:
        rows, context = raw_of(texts), Context(dataset="notes", run_key="2026-11-16")
        tried = [try_steps(Bench(recipe_of(process), context), rows) for process in (first, second)]
        return compare_trials(tried[0], tried[1], ("loose", "strict"), "text")

    return run


def length(least: int) -> str:
    return f"{{steps: [{{kind: length, min_chars: {least}}}]}}"


def test_says_what_both_keep_and_why_the_other_dropped_the_rest(compared: Compare):
    found = compared(["a", "four", "a longer text"], length(2), length(5))
    assert (found.overlap.both, found.overlap.only_first, found.overlap.only_second) == (1, 1, 0)
    assert found.overlap.agreement == 0.5
    (example,) = found.overlap.first_examples
    assert (example.text, example.detail) == ("four", "dropped by the other: length: too_short")
    assert [(p.step, p.reason, p.rows) for p in found.reasons] == [("length", "too_short", (1, 2))]
    assert (found.first.rows_out, found.second.rows_out) == (2, 1)


def test_metrics_share_their_bins(compared: Compare):
    found = compared([*("x" * n for n in range(1, 40))], length(2), length(20))
    (metric,) = [m for m in found.metrics if m.name == "characters"]
    assert metric.first is not None
    assert metric.second is not None
    assert metric.first.edges == metric.second.edges
    assert metric.quantiles[1][0] >= 20


@pytest.mark.parametrize("texts", [[], [None], HOSTILE])
def test_no_rows_break_it_or_the_page(compared: Compare, texts: list[str]):
    found = compared(texts, length(0), length(5))
    page = comparison_html.render(found)
    assert "<script" not in page
    assert "jane.doe" not in page


def test_steps_that_were_skipped_are_noted(compared: Compare):
    process = "{steps: [{kind: exact_duplicates}]}"
    assert "exact_duplicates was skipped" in compared(["a"], process, process).notes[0]


def test_days_are_the_same_by_their_texts(flow: Any):
    for day, texts in (("2026-11-16", ["one", "two"]), ("2026-11-17", ["two", "three", "four"])):
        flow.ingest(texts, day)
        flow.transfer(texts, day)
        rows = [flow.clean_row(ord(day[-1]) * 10 + n, text) for n, text in enumerate(texts)]
        dropped = flow.dropped_row(9, "x", "too_short")
        flow.process(rows, [dropped], day)
        flow.validate(rows, run_key=day)
    by = key_column(flow.lake, "notes", "2026-11-16", "text")
    sides = [
        observe_day(flow.lake, "notes", day, recipe=flow.recipe(), by=by)
        for day in ("2026-11-16", "2026-11-17")
    ]
    found = compare_days(sides[0], sides[1], by=by)
    assert by == "text"
    assert (found.overlap.both, found.overlap.only_first, found.overlap.only_second) == (1, 1, 2)
    assert {example.text for example in found.overlap.second_examples} == {"three", "four"}
    assert [(p.reason, p.rows) for p in found.reasons] == [("too_short", (1, 1))]
    assert "Two days side by side" in comparison_html.render(found)


def test_the_overlap_of_many_rows_is_estimated(flow: Any, monkeypatch: pytest.MonkeyPatch):
    from penstock.report import days

    monkeypatch.setattr(days, "MAX_KEYS", 50)
    rows = [flow.clean_row(n, f"text {n}") for n in range(400)]
    texts = [str(row["text"]) for row in rows]
    flow.ingest(texts)
    flow.transfer(texts)
    flow.process(rows)
    flow.validate(rows)
    side = observe_day(flow.lake, "notes", "2026-11-16", recipe=None, by="text")
    found = compare_days(side, side, by="text").overlap
    assert found.is_estimate
    assert 200 <= found.both <= 600
    assert found.agreement == 1.0


def test_keys_are_the_same_for_the_same_value():
    assert comparison.keys_of(pa.table({"t": ["a", None, "a"]}), "t") == [comparison.key_of("a")] * 2
