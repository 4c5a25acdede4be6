"""A page over a filled ledger and lake, with Airflow's auth manager replaced by a small one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.plugins.ui.ledger_fixture import fill

from penstock_airflow.ui import access
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


@pytest.fixture
def client_of(page: FastAPI) -> Callable[[str], TestClient]:
    """Return a client that is logged in as a user."""

    def login(name: str) -> TestClient:
        page.dependency_overrides[access.get_user] = lambda: SimpleNamespace(name=name)
        return TestClient(page)

    return login


@pytest.fixture
def client(client_of: Callable[[str], TestClient]) -> Iterator[TestClient]:
    with client_of("admin") as client:
        yield client


@pytest.fixture(autouse=True)
def _airflow_login() -> None:
    """Make Airflow's real token check work without a server around it."""
    from airflow.api_fastapi.app import create_auth_manager

    create_auth_manager()
