"""Run commands in this process, on a home of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from penstock.cli.main import app


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Penstock = Callable[..., Ran]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project; the lake and the ledger are those of the fixtures of the same names."""
    for folder in ("include/recipes", "include/expectations", "dags"):
        (tmp_path / "project" / folder).mkdir(parents=True)
    monkeypatch.setenv("PENSTOCK_ROOT", str(tmp_path / "project"))
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PENSTOCK_DEBUG", raising=False)
    return tmp_path / "project"


@pytest.fixture
def penstock(project: Path) -> Penstock:
    """Run ``penstock`` with the words given."""
    assert project.is_dir()

    def run(*words: str) -> Ran:
        result: Result = CliRunner().invoke(app, list(words), prog_name="penstock")
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run
