"""Stage `process` as an Airflow operator."""

from __future__ import annotations

from typing import ClassVar

from penstock.receipt import Receipt, Stage
from penstock.stage import Run
from penstock_airflow.operators.base import StageOperator


class ProcessOperator(StageOperator):
    """Run the recipe's steps on Spark: raw to clean, drops with reasons.

    Parameters: see `StageOperator`. Example (run by the tests)::

        ProcessOperator(recipe=RECIPE, retries=3)
    """

    stage: ClassVar[Stage] = Stage.PROCESS
    ui_color = "#fdf3dc"

    def work(self, run: Run) -> Receipt:
        """Call `penstock.process.stage.process`."""
        from penstock.process.stage import process

        return process(run)
