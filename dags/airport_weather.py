"""Hourly readings of three airport weather stations in 2013: sensor rows, naturally dated, backfilled by the month.

Knobs: `include/recipes/airport_weather.yaml`. Promises: `include/expectations/airport_weather.yaml`.
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

RECIPE = load_recipe("airport_weather")


@dag(doc_md=__doc__, **daily(RECIPE))
def airport_weather():
    chain(
        IngestOperator(recipe=RECIPE),
        TransferOperator(recipe=RECIPE),
        ProcessOperator(recipe=RECIPE),
        ValidateOperator(recipe=RECIPE),
        StoreOperator(recipe=RECIPE),
    )


airport_weather()
