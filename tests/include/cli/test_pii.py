"""What counts as personal data, and what a run masked of it."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.manifest import Zone
from penstock.process.pii import sample
from penstock.receipt import Outcome, Stage
from penstock.recipe import Recipe
from penstock.stage import Run, StageSpec, perform

FINDS = [
    sample.Find(doc_id="a" * 32, kind="email", shape="xxx@x.xx", left="to ", right=" now"),
    sample.Find(doc_id="b" * 32, kind="phone", shape="999 9999", left="tel ", right="."),
]


@pytest.fixture
def sampled(lake: Any, ledger: Any) -> None:
    run = Run(Recipe.only("notes"), "2026-11-16", lake, ledger)

    def work(attempt: Any, _: str) -> Outcome:
        sample.write(attempt, FINDS)
        return Outcome(rows_in=0, rows_out=0)

    perform(run, StageSpec(stage=Stage.PROCESS, zone=Zone.CLEAN), work)


def test_the_kinds_are_listed_with_what_they_take(penstock: Any) -> None:
    ran = penstock("pii", "kinds", "--json")
    rows = {row["kind"]: row for row in ran.json()}
    assert len(rows) >= 20
    assert rows["person"]["needs"] == "model"
    assert "Luhn" in rows["credit_card"]["what"]
    assert "credit_card" in penstock("pii", "kinds").out


def test_what_a_text_holds_is_shown_with_its_line(penstock: Any, tmp_path: Any) -> None:
    file = tmp_path / "text.txt"
    file.write_text("nothing\nann@b.io and 8.8.8.8\n", encoding="utf-8")
    rows = penstock("pii", "find", str(file), "--json").json()
    assert [(row["line"], row["kind"], row["text"]) for row in rows] == [
        (2, "email", "ann@b.io"),
        (2, "ip", "8.8.8.8"),
    ]
    assert "8.8.8.8" not in penstock("pii", "find", str(file), "--kind", "email").out


@pytest.mark.usefixtures("sampled")
def test_a_sample_of_a_run_is_shown(penstock: Any) -> None:
    ran = penstock("pii", "sample", "notes", "2026-11-16", "--json")
    assert [row["kind"] for row in ran.json()] == ["email", "phone"]
    assert "999 9999" in penstock("pii", "sample", "notes", "2026-11-16").out
    assert "xxx@x.xx" not in penstock("pii", "sample", "notes", "2026-11-16", "--kind", "phone").out
    assert "nothing was masked" in penstock("pii", "sample", "notes", "2026-11-16", "--kind", "ip").out


def test_a_day_that_was_not_processed_is_one_clear_line(penstock: Any) -> None:
    ran = penstock("pii", "sample", "notes", "2026-11-16")
    assert (ran.code, "expected a manifest of zone 03_clean" in ran.err) == (2, True)
