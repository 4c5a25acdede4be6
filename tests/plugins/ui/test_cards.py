"""A run's dataset card is served out of the lake, in a sandbox, to those who may read the dataset."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from penstock.report.write import card_path
from penstock_airflow.ui.sources import Sources

DAY = "2026-11-18"
CARD = b"<!doctype html><p>a card</p><script>document.title='owned'</script>"


@pytest.fixture
def written(sources: Sources) -> None:
    for dataset in ("opinion_text", "airport_weather"):
        sources.lake.write_atomically(card_path(dataset, DAY), CARD)


@pytest.mark.usefixtures("written")
def test_serves_the_card_without_script_network_or_origin(client: TestClient) -> None:
    answer = client.get(f"/card/opinion_text/{DAY}")
    assert (answer.status_code, answer.content) == (200, CARD)
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("written")
def test_the_panel_links_to_a_card_that_is_there(client: TestClient) -> None:
    assert (
        client.get(f"/api/runs/opinion_text/{DAY}").json()["card_href"] == f"penstock/card/opinion_text/{DAY}"
    )
    assert client.get("/api/runs/opinion_text/2026-11-19").json()["card_href"] is None


@pytest.mark.usefixtures("written")
def test_who_may_not_read_a_dataset_reads_no_card_of_it(client_of: Callable[[str], TestClient]) -> None:
    with client_of("viewer") as viewer:
        assert viewer.get(f"/card/airport_weather/{DAY}").status_code in (403, 404)
        assert viewer.get(f"/card/opinion_text/{DAY}").status_code == 200


def test_a_missing_card_says_how_to_write_it(client: TestClient) -> None:
    answer = client.get("/card/opinion_text/2026-11-19")
    assert answer.status_code == 404
    assert "bin/penstock card opinion_text 2026-11-19 --attach" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["opinion_text/..%2f..%2fledger.db", "opinion_text/card.html", "..%2f..%2fx/2026-11-18"]
)
def test_serves_nothing_else_out_of_the_lake(client: TestClient, path: str) -> None:
    assert client.get(f"/card/{path}").status_code in (403, 404, 422)
