"""The names of steps in reports are those in reasons."""

from __future__ import annotations

from penstock.process.columns import Columns
from penstock.process.length import Length
from penstock.report.steps import named_steps


def test_names_are_numbered_over_passes():
    steps = (Length(), Columns(), Length(), Length())
    assert [named.name for named in named_steps(steps)] == ["length", "columns", "length_2", "length_3"]
    assert named_steps(()) == ()
