"""Connections decide where things are; without them, everything is below PENSTOCK_HOME."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.errors import RecipeError
from penstock_airflow.hooks import places


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path))
    return tmp_path


def test_without_connections_everything_is_below_home(home: Path):
    with places.Places() as found:
        assert found.lake().uri == f"file://{home}/lake"
        assert found.ledger().url == f"sqlite:///{home}/ledger.db"
        assert any(str(home) in value for value in found.catalog().values())


def test_a_lake_connection_moves_the_lake_and_nothing_else(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW_CONN_PENSTOCK_LAKE", f"file://{home}/elsewhere")
    assert places.lake().uri == f"file://{home}/elsewhere".replace("file://", "file:///", 1).replace(
        "////", "///"
    )
    assert places.ledger().url == f"sqlite:///{home}/ledger.db"


def test_a_connection_of_another_id_is_taken_when_an_operator_names_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(
        "AIRFLOW_CONN_OTHER_LEDGER",
        json.dumps({"conn_type": "generic", "extra": {"url": f"sqlite:///{home}/other.db"}}),
    )
    assert places.ledger("other_ledger").url == f"sqlite:///{home}/other.db"


def test_a_spark_connection_is_used_as_it_is_and_nothing_is_started(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW_CONN_PENSTOCK_SPARK", "spark-connect://spark.example:15002")
    assert places.spark_url() == "sc://spark.example:15002"


def test_a_ledger_of_an_unknown_kind_says_what_to_write(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW_CONN_PENSTOCK_LEDGER", "ftp://host/x")
    with pytest.raises(RecipeError, match="postgres"):
        places.ledger()


def test_a_secret_is_the_password_of_its_connection(monkeypatch: pytest.MonkeyPatch):
    assert places.secret("penstock_pii") is None
    monkeypatch.setenv("PENSTOCK_PII", "from-a-variable")
    assert places.secret("penstock_pii").get_secret_value() == "from-a-variable"
    monkeypatch.setenv("AIRFLOW_CONN_PENSTOCK_PII", json.dumps({"conn_type": "generic", "password": "pw"}))
    found = places.secret("penstock_pii")
    assert found.get_secret_value() == "pw"
    assert "pw" not in repr(found)
