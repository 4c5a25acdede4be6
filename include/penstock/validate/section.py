"""The ``validate`` section of a recipe: the knobs of the gate; the promises themselves lie in ``expectations/``."""

from __future__ import annotations

from typing import Literal

from penstock.section import StageSection


class ValidateSection(StageSection):
    """How the gate treats a day.

    ``empty_day`` is the verdict on a day without rows (a promise about the number of rows may make it worse):
    ``warn`` publishes the empty day and says so.
    """

    empty_day: Literal["pass", "warn", "fail"] = "warn"
