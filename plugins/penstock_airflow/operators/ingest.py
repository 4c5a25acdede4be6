"""Stage `ingest` as an Airflow operator."""

from __future__ import annotations

from typing import ClassVar

from penstock.receipt import Receipt, Stage
from penstock.stage import Run
from penstock_airflow.operators.base import StageOperator


class IngestOperator(StageOperator):
    """Fetch what is new for the day, as bytes, into the landing zone.

    Parameters: see `StageOperator`. Example (run by the tests)::

        IngestOperator(recipe=RECIPE, retries=3)
    """

    stage: ClassVar[Stage] = Stage.INGEST
    ui_color = "#e8f1fb"

    def work(self, run: Run) -> Receipt:
        """Call `penstock.ingest.stage.ingest`."""
        from penstock.ingest.stage import ingest

        return ingest(run)
