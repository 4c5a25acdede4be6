"""Without a login nobody reads; with one, a user reads what Airflow lets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

DENIED = "airport_weather"


@pytest.mark.parametrize(
    "path",
    [
        "/api/grid",
        "/api/runs/opinion_text/2026-11-18",
        "/api/runs/opinion_text/2026-11-18/quarantine",
        "/docs/opinion_text/2026-11-18/index.html",
    ],
)
def test_refuses_a_request_without_a_token(page: FastAPI, path: str) -> None:
    with TestClient(page) as stranger:
        assert stranger.get(path).status_code == 401
        assert stranger.get(path, headers={"Authorization": "Bearer nonsense"}).status_code in (401, 403)


def test_shows_a_reader_only_the_datasets_whose_dag_is_theirs(client_of: Callable[[str], TestClient]) -> None:
    with client_of("viewer") as viewer:
        grid = viewer.get("/api/grid").json()
        assert DENIED not in grid["datasets"]
        assert {cell["dataset"] for cell in grid["cells"]} == {"opinion_text", "opinion_model"}
        assert viewer.get("/api/grid", params={"dataset": DENIED}).json()["cells"] == []
        for rest in ("", "/quarantine"):
            assert viewer.get(f"/api/runs/{DENIED}/2026-11-18{rest}").status_code == 403
        assert viewer.get(f"/docs/{DENIED}/2026-11-18/index.html").status_code == 403
