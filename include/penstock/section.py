"""What every section of a recipe has: a deadline, and the parameters that decide its rows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from penstock.params import Params


class Deadline(Params):
    """When a stage must be done: ``minutes`` after the day's end or after the run's start.

    A backfilled or manual run is measured from its start in both cases: its day ended long ago.
    """

    minutes: float = Field(gt=0)
    after: Literal["interval_end", "run_start"] = "run_start"


class StageSection(Params):
    """The base of the five sections."""

    deadline: Deadline | None = None

    def inputs(self) -> dict[str, Any]:
        """Return the parameters that decide the stage's rows: all but its deadline."""
        return self.model_dump(mode="json", exclude={"deadline"})
