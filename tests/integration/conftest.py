"""Fixtures of the tests that start real processes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.home import ROOT, Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A migrated home; everything that it started is ended at the end."""
    made = Home(tmp_path)
    (tmp_path / "home").mkdir()
    for name in ("jars",):
        shared = ROOT / ".penstock" / name
        if shared.is_dir():
            (tmp_path / "home" / name).symlink_to(shared)
    assert made.run("airflow", "db", "migrate") == 0, made.tail()
    yield made
    for process in made.processes():
        process.kill()
    shutil.rmtree(tmp_path / "home" / "lake", ignore_errors=True)
