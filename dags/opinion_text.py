"""Opinion texts of social media, shops, film sites and a newspaper, in English and Chinese, with human labels.

A static archive, replayed as a daily feed; cleaned, featured and classified; published as `labeled_table` and
`feature_table`.

Knobs: `include/recipes/opinion_text.yaml`. Promises: `include/expectations/opinion_text.yaml`.
"""

from __future__ import annotations

from airflow.sdk import chain, dag

from penstock_airflow.operators import (
    IngestOperator,
    ProcessOperator,
    StoreOperator,
    TransferOperator,
    ValidateOperator,
)
from penstock_airflow.paths import load_recipe
from penstock_airflow.schedule.daily import daily

RECIPE = load_recipe("opinion_text")


@dag(doc_md=__doc__, **daily(RECIPE))
def opinion_text():
    chain(
        IngestOperator(recipe=RECIPE),
        TransferOperator(recipe=RECIPE),
        ProcessOperator(recipe=RECIPE),
        ValidateOperator(recipe=RECIPE),
        StoreOperator(recipe=RECIPE),
    )


opinion_text()
