"""The page's API: the shapes it promises and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock_airflow.ui.sources import Sources


def test_shows_every_stage_of_a_day_with_its_rows_and_the_verdict(client: TestClient) -> None:
    cells = {(c["dataset"], c["run_key"]): c for c in client.get("/api/grid").json()["cells"]}
    cell = cells["opinion_text", "2026-11-18"]
    assert [stage["stage"] for stage in cell["stages"]] == [
        "ingest",
        "transfer",
        "process",
        "validate",
        "store",
    ]
    for stage in cell["stages"]:
        left = stage["rows_out"] + stage["rows_dropped"] + stage["rows_quarantined"]
        assert stage["rows_in"] == left
    assert (cell["state"], cell["verdict"]) == ("done", "warn")
    assert (cells["opinion_text", "2026-11-20"]["state"], cells["opinion_text", "2026-11-20"]["verdict"]) == (
        "failed",
        "fail",
    )
    assert cells["opinion_text", "2026-11-17"]["late"] == ["store"]
    assert cells["opinion_text", "2026-11-21"]["stages"][-1]["state"] == "killed"
    assert cells["opinion_text", "2026-11-22"]["state"] == "running"


def test_filters_by_dataset_and_by_both_ends_of_the_range(client: TestClient) -> None:
    query = {"dataset": "opinion_text", "since": "2026-11-17", "until": "2026-11-18"}
    grid = client.get("/api/grid", params=query).json()
    assert grid["run_keys"] == ["2026-11-18", "2026-11-17"]
    assert {cell["dataset"] for cell in grid["cells"]} == {"opinion_text"}
    assert grid["datasets"] == ["airport_weather", "opinion_model", "opinion_text"]


def test_says_that_older_days_exist(client: TestClient) -> None:
    assert client.get("/api/grid", params={"limit": 3}).json()["more"] is True
    assert client.get("/api/grid", params={"limit": 7}).json()["more"] is False


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"limit": 0}, {"limit": 10**9}, {"until": "2026-13-01"}]
)
def test_refuses_filters_that_mean_nothing(client: TestClient, query: dict[str, Any]) -> None:
    assert client.get("/api/grid", params=query).status_code == 422


def test_answers_an_empty_ledger_with_an_empty_grid(
    page: FastAPI, client_of: Callable[[str], TestClient], lake: Lake, ledger: Ledger
) -> None:
    page.state.sources = lambda: Sources(ledger=ledger, lake=lake)
    with client_of("admin") as client:
        grid = client.get("/api/grid").json()
    assert (grid["datasets"], grid["cells"], grid["is_running"]) == ([], [], False)


def test_opens_a_run_with_its_receipts_and_where_to_go_next(client: TestClient) -> None:
    panel = client.get("/api/runs/opinion_text/2026-11-18").json()
    run = panel["run"]
    assert [receipt["code_version"] for receipt in run["stages"]] == ["0.1.0+3f9c2b7a1d"] * 5
    assert run["stages"][2]["manifest_uri"].endswith("03_clean/opinion_text/2026-11-18/manifest.json")
    assert {count["reason"] for count in run["counts"]} >= {"duplicate_text", "word_count_is_sane"}
    assert [row["table_name"].split(".")[-1] for row in run["snapshots"]] == [
        "feature_table",
        "labeled_table",
    ]
    assert panel["docs_href"] == "penstock/docs/opinion_text/2026-11-18/index.html"
    assert panel["airflow_href"] == "dags/opinion_text/runs/scheduled__2026-11-18T00%3A00%3A00%2B00%3A00"
    assert panel["task_hrefs"]["store"].endswith("/tasks/store")


def test_keeps_earlier_attempts_and_says_why_they_ended(client: TestClient) -> None:
    run = client.get("/api/runs/opinion_text/2026-11-21").json()["run"]
    assert [(row["stage"], row["state"]) for row in run["history"]] == [("ingest", "failed")]
    assert run["history"][0]["error_kind"] == "TimeoutError"
    assert run["stages"][0]["attempts"] == 2
    assert "is gone" in run["stages"][2]["error"]


@pytest.mark.parametrize("run_key", ["2026-11-01", "2026-02-30", "..", "x"])
def test_says_what_to_do_about_a_run_that_is_not_there(client: TestClient, run_key: str) -> None:
    answer = client.get(f"/api/runs/opinion_text/{run_key}")
    assert answer.status_code in (404, 422)
    if run_key == "2026-11-01":
        assert "airflow dags test opinion_text 2026-11-01" in answer.json()["detail"]


def test_says_what_is_wrong_when_the_ledger_cannot_be_read(
    page: FastAPI, client_of: Callable[[str], TestClient], lake: Lake, ledger: Ledger
) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE stage_runs"))
    page.state.sources = lambda: Sources(ledger=ledger, lake=lake)
    with client_of("admin") as client:
        answer = client.get("/api/grid")
    assert answer.status_code == 503
    assert "penstock doctor" in answer.json()["detail"]


def test_serves_its_modules_to_be_checked_for_changes(client: TestClient) -> None:
    answer = client.get("/static/main.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
