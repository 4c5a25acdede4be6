"""Data Docs are served out of the lake, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient

from penstock.lake import Lake
from penstock_airflow.ui import data_docs
from penstock_airflow.ui.sources import Sources


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
    with pytest.raises(HTTPException) as refused:
        data_docs.read(lake, uri, "passwd")
    assert refused.value.status_code == 404


def test_finds_the_site_of_a_page_deep_inside_it() -> None:
    uri = "docs/d/2026-11-16/validations/suite/run/batch.html"
    assert data_docs.site_of(uri) == "docs/d/2026-11-16"
    assert data_docs.entry_page(uri) == "validations/suite/run/batch.html"
    assert data_docs.entry_page("docs/d/2026-11-16/") == "index.html"
