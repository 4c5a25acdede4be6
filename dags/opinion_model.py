"""The sentiment classifier of `opinion_text`: trained on its published days, evaluated on a held-back part, gated.

Woken by each published day of `opinion_text`; the run means the newest day that woke it.

Knobs: `include/recipes/opinion_model.yaml`. Promises (it beats the baselines):
`include/expectations/opinion_model.yaml`.
"""

from __future__ import annotations

from airflow.sdk import chain, dag

from penstock_airflow.assets import asset
from penstock_airflow.operators import (
    IngestOperator,
    ProcessOperator,
    StoreOperator,
    TransferOperator,
    ValidateOperator,
)
from penstock_airflow.paths import load_recipe
from penstock_airflow.schedule.daily import on_assets

RECIPE = load_recipe("opinion_model")


@dag(doc_md=__doc__, **on_assets(RECIPE, [asset("opinion_text", "labeled_table")]))
def opinion_model():
    chain(
        IngestOperator(recipe=RECIPE),
        TransferOperator(recipe=RECIPE),
        ProcessOperator(recipe=RECIPE),
        ValidateOperator(recipe=RECIPE),
        StoreOperator(recipe=RECIPE),
    )


opinion_model()
