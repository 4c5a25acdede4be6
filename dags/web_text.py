"""Web pages and documents, from crawl archives to clean text: extracted, identified, deduplicated, masked.

By default a day's part of the documentation of the installed packages; `docs/web_text.md` says how to point it at WARC
or WET files. Published as `corpus_table`.

Knobs: `include/recipes/web_text.yaml`. Promises: `include/expectations/web_text.yaml`.
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

RECIPE = load_recipe("web_text")


@dag(doc_md=__doc__, **daily(RECIPE))
def web_text():
    chain(
        IngestOperator(recipe=RECIPE),
        TransferOperator(recipe=RECIPE),
        ProcessOperator(recipe=RECIPE),
        ValidateOperator(recipe=RECIPE),
        StoreOperator(recipe=RECIPE),
    )


web_text()
