"""Stage `validate` as an Airflow operator: the gate."""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.receipt import Receipt, Stage
from penstock.stage import Run
from penstock_airflow.operators.base import StageOperator
from penstock_airflow.paths import expectations_path


class ValidateOperator(StageOperator):
    """Hold the day's rows against the dataset's expectations; a critical failure stops the run, without retry.

    Example (run by the tests)::

        ValidateOperator(recipe=RECIPE)

    :param expectations: the expectations file; by default ``include/expectations/<dataset>.yaml``.
    """

    stage: ClassVar[Stage] = Stage.VALIDATE
    ui_color = "#fbe6e6"

    def __init__(self, *, expectations: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.expectations = expectations

    def work(self, run: Run) -> Receipt:
        """Call `penstock.validate.stage.validate`."""
        from penstock.validate import promises
        from penstock.validate.stage import validate

        return validate(run, promises.load(expectations_path(run.recipe.dataset, self.expectations)))
