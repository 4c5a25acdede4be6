"""Stage `transfer` as an Airflow operator."""

from __future__ import annotations

from typing import ClassVar

from penstock.receipt import Receipt, Stage
from penstock.stage import Run
from penstock_airflow.operators.base import StageOperator


class TransferOperator(StageOperator):
    """Turn landing bytes into raw Parquet shards with provenance.

    Parameters: see `StageOperator`. Example (run by the tests)::

        TransferOperator(recipe=RECIPE, retries=3)
    """

    stage: ClassVar[Stage] = Stage.TRANSFER
    ui_color = "#e3f4ef"

    def work(self, run: Run) -> Receipt:
        """Call `penstock.transfer.stage.transfer`."""
        from penstock.transfer.stage import transfer

        return transfer(run)
