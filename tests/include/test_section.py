"""What every section of a recipe has."""

from __future__ import annotations

from penstock.section import Deadline, StageSection


def test_a_deadline_does_not_decide_rows():
    assert StageSection(deadline=Deadline(minutes=5)).inputs() == StageSection().inputs()
