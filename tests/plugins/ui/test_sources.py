"""The page reads where the connections point."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock_airflow.ui.sources import connected


def test_opens_the_places_of_the_environment_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_LAKE", f"file://{tmp_path}/lake")
    monkeypatch.setenv("PENSTOCK_LEDGER", f"sqlite:///{tmp_path}/ledger.db")
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    connected.cache_clear()
    try:
        sources = connected()
        assert sources.lake.root == f"{tmp_path}/lake"
        assert sources.ledger.url == f"sqlite:///{tmp_path}/ledger.db"
        assert (tmp_path / "ledger.db").is_file()
        assert connected() is sources
    finally:
        connected.cache_clear()
