"""A recipe on a sample: every row accounted for, every step measured, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pytest
from tests.include.report.conftest import HOSTILE

from penstock.lake import Lake
from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.step import Context, FrameContext
from penstock.recipe import Recipe
from penstock.report.trial import Bench, Tried, try_steps

CONTEXT = Context(dataset="notes", run_key="2026-11-16")


@pytest.fixture
def tried(recipe_of: Callable[..., Recipe], raw_of: Callable[..., pa.Table]) -> Callable[..., Tried]:
    def run(texts: Sequence[str | None], process: str | None = None, **options: Any) -> Tried:
        recipe = recipe_of(process) if process else recipe_of()
        return try_steps(Bench(recipe, CONTEXT, **options), raw_of(texts), seed=3, rows_of_day=99)

    return run


def test_counts_rows_by_step_and_reason_with_what_was_measured(tried: Callable[..., Tried]):
    trial = tried(["good text here", "no", "x" * 61, "another good text"]).trial
    assert (trial.rows_in, trial.rows_out, trial.dropped, trial.failed) == (4, 2, 2, 0)
    assert [(s.step, s.rows_in, s.rows_out, s.dropped) for s in trial.steps] == [
        ("length", 4, 2, 2),
        ("language", 2, 2, 0),
    ]
    assert {(r.reason, r.rows, r.spread, r.limit.name if r.limit else "") for r in trial.reasons} == {
        ("too_short", 1, (2, 2, 2), "length.min_chars"),
        ("too_long", 1, (61, 61, 61), "length.max_chars"),
    }
    assert [r.examples[0].text for r in trial.reasons if r.reason == "too_short"] == ["no"]
    assert (trial.seed, trial.rows_of_day) == (3, 99)
    assert all(step.seconds is not None for step in trial.steps)


def test_every_row_comes_back_tagged(tried: Callable[..., Tried]):
    rows = tried(["good text here", "no"]).rows
    assert rows[audit.REASON].to_pylist() == [None, "too_short"]


@pytest.mark.parametrize("texts", [[], [None], list(HOSTILE), [None, "", *HOSTILE] * 40])
def test_no_text_breaks_it(tried: Callable[..., Tried], texts: list[str | None]):
    trial = tried(texts, examples=5).trial
    assert trial.rows_in == len(texts) == trial.rows_out + trial.dropped + trial.failed


def test_a_document_on_which_a_step_raises_is_counted_as_quarantined(
    tried: Callable[..., Tried], monkeypatch: pytest.MonkeyPatch
):
    from penstock.process.length import Length

    def broken(self: Length, document: Any, context: Context) -> None:
        if document.text == "bad":
            message = "boom"
            raise ValueError(message)

    monkeypatch.setattr(Length, "apply", broken)
    trial = tried(["bad", "good"]).trial
    assert (trial.failed, trial.rows_out) == (1, 1)
    (reason,) = trial.reasons
    assert (reason.reason, reason.is_failure) == ("process:length:ValueError", True)


def test_frame_steps_are_said_to_be_skipped_without_spark(tried: Callable[..., Tried]):
    trial = tried(
        ["a good text"], "{steps: [{kind: length}, {kind: exact_duplicates}, {kind: tokens}]}"
    ).trial
    assert [(s.step, bool(s.skipped)) for s in trial.steps] == [
        ("length", False),
        ("exact_duplicates", True),
        ("tokens", False),
    ]
    assert "--with-spark" in str(trial.steps[1].skipped)


def test_a_step_that_reads_what_a_skipped_one_makes_is_skipped_too(tried: Callable[..., Tried]):
    process = "{steps: [{kind: columns, sql: {lang: \"'en'\"}}, {kind: bert}, {kind: length, min_chars: 3}]}"
    trial = tried(["hello", "no"], process).trial
    assert [(s.step, bool(s.skipped)) for s in trial.steps] == [
        ("columns", True),
        ("bert", True),
        ("length", False),
    ]
    assert trial.dropped == 1


def test_progress_is_told(tried: Callable[..., Tried]):
    told: list[tuple[str, int, int]] = []
    tried(["a good text"] * 300, tell=lambda *words: told.append(words))
    assert told[-1] == ("length … language", 300, 300)
    assert [done for name, done, _ in told if name != "loading models"] == [128, 256, 300]


def test_steps_of_machine_code_are_counted_one_by_one_and_timed_together(tried: Callable[..., Tried]):
    process = "{steps: [{kind: length, min_chars: 2}, {kind: gopher_quality}, {kind: c4}]}"
    trial = tried(["a b c", "x"], process).trial
    assert [(s.step, s.dropped, s.seconds is None) for s in trial.steps] == [
        ("length", 1, False),
        ("gopher_quality", 1, True),
        ("c4", 0, True),
    ]
    reason = trial.reasons[-1]
    assert (reason.reason, reason.limit.name if reason.limit else "") == (
        "gopher_short_doc",
        "gopher_quality.min_doc_words",
    )
    assert "gopher_quality, c4 run in machine code" in trial.notes[0]


@pytest.mark.integration
def test_frame_steps_and_the_gate_run_on_spark(tried: Callable[..., Tried], spark: Any, lake: Lake):
    from penstock.report.trial_gate import judge_rows
    from penstock.validate.promises import parse

    promises = parse(
        "dataset: notes\nexpectations:\n  - {name: no x, expect: ExpectColumnValuesToNotMatchRegex, severity: warning,"
        " reason: x, args: {column: text, regex: '^x'}}\n",
        where="test",
    )
    trial = tried(
        ["the same text", "the same text", "x marks it", "no"],
        "{steps: [{kind: length, min_chars: 3}, {kind: exact_duplicates}, {kind: tokens}, {kind: mask_pii}]}",
        spark=lambda: spark,
        frames=lambda _: FrameContext(
            run=CONTEXT, attempt=lake.attempt(Zone.CLEAN, "notes", CONTEXT.run_key, "a")
        ),
        gate=lambda rows, session: judge_rows(rows, session, promises, "2026-11-16"),
    ).trial
    assert [(s.step, s.dropped, s.failed) for s in trial.steps] == [
        ("length", 1, 0),
        ("exact_duplicates", 1, 0),
        ("tokens", 0, 0),
        ("mask_pii", 0, 0),
        ("the gate", 0, 1),
    ]
    assert (trial.rows_out, trial.dropped, trial.failed) == (1, 2, 1)
    assert {r.reason for r in trial.reasons} == {"too_short", "exact_duplicate", "process:gate: no x"}
