"""Serve the dataset card of a run out of the lake, and nothing else out of it."""

from __future__ import annotations

from datetime import date

from fastapi import HTTPException, Response, status

from penstock.lake import Lake
from penstock.report.write import card_path
from penstock_airflow.ui.data_docs import HEADERS as DOCS_HEADERS

# A card shows text that came from outside. It needs no script, no network and no origin of its own, and gets none.
HEADERS = {
    **DOCS_HEADERS,
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
    ),
}


def exists(lake: Lake, dataset: str, run_key: date) -> bool:
    """Return whether a card was written for the day."""
    return bool(lake.fs.exists(lake.full(card_path(dataset, run_key.isoformat()))))


def read(lake: Lake, dataset: str, run_key: date) -> Response:
    """Return the card's page.

    Raises:
        HTTPException: 404 when there is none.
    """
    try:
        content = lake.fs.cat_file(lake.full(card_path(dataset, run_key.isoformat())))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        detail = (
            f"{dataset} {run_key}: expected a dataset card in the lake, found none; "
            f"bin/penstock card {dataset} {run_key} --attach writes it"
        )
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail) from error
    return Response(content, media_type="text/html", headers=HEADERS)
