"""What store lets in; each refusal writes nothing (the stage's own tests try them through `store`)."""

from __future__ import annotations

import pytest

from penstock.errors import ContractError
from penstock.manifest import Zone
from penstock.receipt import Verdict
from penstock.store.admission import admit

ROWS = [("a", "good", 0.5)]


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.WARN])
def test_rows_that_passed_are_let_in_with_their_verdict(day_run, check, verdict):
    run = day_run()
    assert admit(run, check(run, ROWS, verdict=verdict, recorded=verdict)) is verdict


@pytest.mark.parametrize(
    ("said", "recorded"),
    [
        (Verdict.PASS, None),
        (None, Verdict.PASS),
        (Verdict.PASS, Verdict.FAIL),
        (Verdict.FAIL, Verdict.FAIL),
        (Verdict.WARN, Verdict.PASS),
    ],
)
def test_any_other_pair_of_verdicts_is_refused(day_run, check, said, recorded):
    run = day_run()
    with pytest.raises(ContractError, match="nothing was published"):
        admit(run, check(run, ROWS, verdict=said, recorded=recorded))


def test_a_verdict_on_another_day_does_not_count(day_run, check):
    yesterday, today = day_run("2026-11-15"), day_run("2026-11-16")
    check(yesterday, ROWS)
    with pytest.raises(ContractError, match="found none"):
        admit(today, check(today, ROWS, recorded=None))


def test_rows_without_a_parent_are_stale(day_run, check):
    run = day_run()
    checked = check(run, ROWS)
    with pytest.raises(ContractError, match="clean was made anew"):
        admit(run, checked.model_copy(update={"parents": ()}))
    run.lake.remove(run.lake.manifest_path(Zone.CLEAN, "notes", run.run_key))
    with pytest.raises(ContractError, match="expected a manifest of zone 03_clean"):
        admit(run, checked)
