"""The page's server side: JSON for the grid and the panel, the Data Docs, and the static modules.

Mounted by Airflow's API server below ``/penstock``. Everything but the modules (which hold no data) wants a login.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response, status
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from penstock import __version__
from penstock.errors import PenstockError
from penstock.ledger import views
from penstock_airflow.ui import access, cards, data_docs, samples
from penstock_airflow.ui.access import ReadableDataset
from penstock_airflow.ui.sources import Sources, connected

logger = logging.getLogger(__name__)

MAX_DAYS = 120


class Grid(BaseModel):
    """What the grid shows: the days that have runs, newest first, and a cell for each run.

    ``datasets`` are all that the reader may see, for the filter; ``now`` is the server's clock, for relative times.
    """

    now: datetime
    version: str
    datasets: list[str]
    run_keys: list[str]
    more: bool
    is_running: bool
    cells: list[views.RunCell]


class Panel(BaseModel):
    """One run whole, with where to go from it; the addresses are relative to Airflow's base URL."""

    now: datetime
    run: views.RunDetail
    docs_href: str | None
    card_href: str | None
    airflow_href: str | None
    task_hrefs: dict[str, str]


class Modules(StaticFiles):
    """The page's scripts and styles; a browser asks each time whether they changed, so an upgrade shows at once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file that may be kept but not used unasked."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def page() -> FastAPI:
    """Return the page of this process, reading where the Airflow connections point."""
    return _page()


@functools.cache
def _page() -> FastAPI:
    return create_page(connected)


def create_page(sources: Callable[[], Sources]) -> FastAPI:
    """Return a page that reads from ``sources``, which is asked anew for each request."""
    app = FastAPI(title="Penstock", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(PenstockError, _explain)
    app.add_exception_handler(SQLAlchemyError, _explain)
    app.state.sources = sources
    app.mount("/static", Modules(directory=Path(__file__).parent / "static"), name="static")
    app.get("/api/grid")(grid)
    app.get("/api/runs/{dataset}/{run_key}")(run)
    app.get("/api/runs/{dataset}/{run_key}/quarantine")(quarantine)
    app.get("/card/{dataset}/{run_key}", response_model=None)(card)
    app.get("/docs/{dataset}/{run_key}/{path:path}", response_model=None)(docs)
    return app


def _sources(request: Request) -> Sources:
    found: Sources = request.app.state.sources()
    return found


From = Annotated[Sources, Depends(_sources)]


def grid(
    user: access.User,
    places: From,
    since: date | None = None,
    until: date | None = None,
    dataset: Annotated[list[str] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 14,
) -> Grid:
    """Return the newest ``limit`` days between ``since`` and ``until`` (both included)."""
    allowed = access.readable(user, views.datasets(places.ledger))
    wanted = [name for name in allowed if not dataset or name in dataset]
    days = views.days(
        places.ledger,
        datasets=wanted,
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
        limit=limit + 1,
    )
    cells = views.grid(places.ledger, run_keys=days[:limit], datasets=wanted)
    return Grid(
        now=datetime.now(UTC),
        version=__version__,
        datasets=allowed,
        run_keys=days[:limit],
        more=len(days) > limit,
        is_running=any(cell.state == "running" for cell in cells),
        cells=cells,
    )


def run(dataset: ReadableDataset, run_key: date, places: From) -> Panel:
    """Return everything that the ledger knows of one run."""
    found = _run(places, dataset, run_key)
    docs = found.verdict.docs_uri if found.verdict else None
    tasks = {stage.stage.value: href for stage in found.stages if (href := _task_href(stage))}
    return Panel(
        now=datetime.now(UTC),
        run=found,
        docs_href=f"penstock/docs/{dataset}/{run_key}/{quote(data_docs.entry_page(docs))}" if docs else None,
        card_href=f"penstock/card/{dataset}/{run_key}"
        if cards.exists(places.lake, dataset, run_key)
        else None,
        airflow_href=next((href for stage in reversed(found.stages) if (href := _run_href(stage))), None),
        task_hrefs=tasks,
    )


def quarantine(dataset: ReadableDataset, run_key: date, places: From) -> list[samples.SampleRows]:
    """Return sample rows of the run's quarantine, by expectation."""
    return samples.quarantined(places.lake, _run(places, dataset, run_key))


def card(dataset: ReadableDataset, run_key: date, places: From) -> Response:
    """Return the dataset card that was written when the run was published."""
    return cards.read(places.lake, dataset, run_key)


def docs(dataset: ReadableDataset, run_key: date, path: str, places: From) -> Response:
    """Return a file of the run's Data Docs."""
    verdict = _run(places, dataset, run_key).verdict
    if verdict is None or verdict.docs_uri is None:
        detail = (
            f"{dataset} {run_key}: expected Data Docs, found none; they are written by the validate stage"
        )
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail)
    if not path:
        return RedirectResponse(data_docs.entry_page(verdict.docs_uri))
    return data_docs.read(places.lake, verdict.docs_uri, path)


def _run(places: Sources, dataset: str, run_key: date) -> views.RunDetail:
    found = views.run(places.ledger, dataset, run_key.isoformat())
    if found is None:
        detail = (
            f"{dataset} {run_key}: expected a run in the ledger, found none; "
            f"airflow dags test {dataset} {run_key} makes one"
        )
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail)
    return found


def _run_href(stage: views.StageReceipt) -> str | None:
    dag_id, run_id = stage.origin.get("dag_id"), stage.origin.get("run_id")
    if not dag_id or not run_id:
        return None
    return f"dags/{quote(str(dag_id), safe='')}/runs/{quote(str(run_id), safe='')}"


def _task_href(stage: views.StageReceipt) -> str | None:
    href, task_id = _run_href(stage), stage.origin.get("task_id") or stage.stage.value
    return f"{href}/tasks/{quote(str(task_id), safe='')}" if href else None


def _explain(request: Request, error: Exception) -> JSONResponse:
    """Answer 503 with a sentence that says what is wrong and what to do; the traceback goes to the log."""
    logger.error("%s failed", request.url.path, exc_info=error)
    detail = str(error)
    if isinstance(error, SQLAlchemyError):
        detail = (
            f"ledger: expected to read it, got {type(error).__name__}: {getattr(error, 'orig', None) or error}; "
            "check the connection penstock_ledger (or PENSTOCK_HOME) and run penstock doctor"
        )
    return JSONResponse({"detail": detail}, status.HTTP_503_SERVICE_UNAVAILABLE)
