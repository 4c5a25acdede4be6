"""The page's API: the shapes it promises, its login, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.plugins.ui.ledger_fixture import HOSTILE, fill

from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock_airflow.ui import access, data_docs
from penstock_airflow.ui.app import create_page
from penstock_airflow.ui.sources import Sources

DENIED = "airport_weather"


class AuthManager:
    """Airflow's auth manager, as far as the page asks it: everyone may read every DAG but one."""

    def filter_authorized_dag_ids(self, *, dag_ids: set[str], user: Any, method: str) -> set[str]:
        assert method == "GET"
        return dag_ids - {DENIED} if user.name == "viewer" else dag_ids


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    built = fill(tmp_path_factory.mktemp("home"))
    return Sources(ledger=built.ledger, lake=built.lake)


@pytest.fixture
def page(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setattr(access, "get_auth_manager", AuthManager)
    return create_page(lambda: sources)


def _as(page: FastAPI, name: str) -> TestClient:
    page.dependency_overrides[access.get_user] = lambda: SimpleNamespace(name=name)
    return TestClient(page)


@pytest.fixture
def client(page: FastAPI) -> Iterator[TestClient]:
    with _as(page, "admin") as client:
        yield client


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


@pytest.fixture(autouse=True)
def _airflow_login() -> None:
    """Make Airflow's real token check work without a server around it."""
    from airflow.api_fastapi.app import create_auth_manager

    create_auth_manager()


def test_shows_a_reader_only_the_datasets_whose_dag_is_theirs(page: FastAPI) -> None:
    with _as(page, "viewer") as viewer:
        grid = viewer.get("/api/grid").json()
        assert DENIED not in grid["datasets"]
        assert {cell["dataset"] for cell in grid["cells"]} == {"opinion_text", "opinion_model"}
        assert viewer.get("/api/grid", params={"dataset": DENIED}).json()["cells"] == []
        for rest in ("", "/quarantine"):
            assert viewer.get(f"/api/runs/{DENIED}/2026-11-18{rest}").status_code == 403
        assert viewer.get(f"/docs/{DENIED}/2026-11-18/index.html").status_code == 403


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


def test_answers_an_empty_ledger_with_an_empty_grid(page: FastAPI, lake: Lake, ledger: Ledger) -> None:
    page.state.sources = lambda: Sources(ledger=ledger, lake=lake)
    with _as(page, "admin") as client:
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


def test_shows_quarantined_rows_of_a_passed_and_of_a_failed_gate_as_short_text(client: TestClient) -> None:
    warned = client.get("/api/runs/opinion_text/2026-11-18/quarantine").json()
    assert [sample["reason"] for sample in warned] == ["UnicodeDecodeError", "word_count_is_sane"]
    failed = client.get("/api/runs/opinion_text/2026-11-20/quarantine").json()
    sample = next(item for item in failed if item["reason"] == "doc_id_is_unique")
    assert len(sample["rows"]) == 5
    texts = [row[sample["columns"].index("text")] for row in sample["rows"]]
    assert texts[2] == HOSTILE  # JSON text: the page shows it as text, never as markup
    assert len(texts[3]) == 281
    assert texts[3].endswith("…")
    assert "\x00" not in texts[4]
    assert sample["rows"][0][sample["columns"].index("score")] is None


def test_serves_data_docs_in_a_sandbox(client: TestClient) -> None:
    answer = client.get("/docs/opinion_text/2026-11-18/index.html")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "allow-same-origin" not in answer.headers["content-security-policy"]
    assert (
        client.get("/docs/opinion_text/2026-11-18/", follow_redirects=False).headers["location"]
        == "index.html"
    )


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2f..%2f..%2fledger.db",
        "%2e%2e%2f%2e%2e%2fopinion_text%2f2026-11-19%2findex.html",
        "..%2f2026-11-19%2findex.html",
        "%2fetc%2fpasswd",
        "..%5c..%5cledger.db",
        "index.html%00.png",
        "nothing.html",
        "a%2f..%2f..%2f2026-11-19%2findex.html",
    ],
)
def test_serves_nothing_outside_of_the_runs_own_docs(client: TestClient, path: str) -> None:
    assert client.get(f"/docs/opinion_text/2026-11-18/{path}").status_code == 404


def test_follows_no_symbolic_link_out_of_the_docs(sources: Sources, client: TestClient) -> None:
    site = next(Path(sources.lake.full("docs/opinion_text/2026-11-18")).iterdir())
    (site / "out.html").symlink_to(
        next(Path(sources.lake.full("docs/opinion_text/2026-11-19")).iterdir()) / "index.html"
    )
    assert client.get("/docs/opinion_text/2026-11-18/out.html").status_code == 404


@pytest.mark.parametrize(
    "uri", ["/etc/index.html", "file:///etc", "s3://elsewhere/docs", "../x/index.html", "../../x"]
)
def test_serves_no_docs_that_lie_outside_of_the_lake(lake: Lake, uri: str) -> None:
    with pytest.raises(data_docs.HTTPException) as refused:
        data_docs.read(lake, uri, "passwd")
    assert refused.value.status_code == 404


def test_finds_the_site_of_a_page_deep_inside_it() -> None:
    uri = "docs/d/2026-11-16/validations/suite/run/batch.html"
    assert data_docs.site_of(uri) == "docs/d/2026-11-16"
    assert data_docs.entry_page(uri) == "validations/suite/run/batch.html"
    assert data_docs.entry_page("docs/d/2026-11-16/") == "index.html"


def test_says_what_is_wrong_when_the_ledger_cannot_be_read(page: FastAPI, lake: Lake, ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE stage_runs"))
    page.state.sources = lambda: Sources(ledger=ledger, lake=lake)
    with _as(page, "admin") as client:
        answer = client.get("/api/grid")
    assert answer.status_code == 503
    assert "penstock doctor" in answer.json()["detail"]


def test_serves_its_modules_to_be_checked_for_changes(client: TestClient) -> None:
    answer = client.get("/static/main.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
