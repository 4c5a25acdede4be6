"""Stage `store` as an Airflow operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from penstock.receipt import Receipt, Stage
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock_airflow.assets import assets_of
from penstock_airflow.operators.base import StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class StoreOperator(StageOperator):
    """Publish what passed the gate as table snapshots, and tell the consumers of those tables.

    Each table of the recipe is an outlet asset; its event carries run key, manifest and verdict. Example (run by the
    tests)::

        StoreOperator(recipe=RECIPE)
    """

    stage: ClassVar[Stage] = Stage.STORE
    ui_color = "#e9e6fb"

    def __init__(self, *, recipe: Recipe, **kwargs: Any) -> None:
        super().__init__(recipe=recipe, **{"outlets": assets_of(recipe), **kwargs})

    def work(self, run: Run) -> Receipt:
        """Call `penstock.store.stage.store`."""
        from penstock.store.stage import store

        return store(run)

    def report(self, receipt: Receipt, context: Context) -> None:
        """Attach the run key to every asset event, so that a consumer knows which day came."""
        for asset in assets_of(self.recipe):
            context["outlet_events"][asset].extra = {
                "run_key": receipt.run_key,
                "manifest_uri": receipt.manifest_uri,
                "verdict": receipt.verdict.value if receipt.verdict else None,
                "rows": receipt.rows_out,
                "unchanged": receipt.unchanged,
            }
