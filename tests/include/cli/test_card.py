"""``penstock card`` writes what a published day holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_writes_a_page_below_the_home(flow: Any, penstock: Any, tmp_path: Path) -> None:
    flow.whole_day()
    ran = penstock("card", "notes", "2026-11-16")
    path = tmp_path / "reports" / "notes-2026-11-16.html"
    assert (ran.code, ran.out.strip()) == (0, f"wrote {path}")
    assert path.read_text().startswith("<!doctype html>")


def test_prints_markdown_or_json(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    assert "# notes, 2026-11-16" in penstock("card", "notes", "2026-11-16", "--format", "md", "-o", "-").out
    assert penstock("card", "notes", "2026-11-16", "--json", "--exact").json()["documents"] == 2


def test_attaches_it_to_the_day_in_the_lake(flow: Any, penstock: Any, tmp_path: Path) -> None:
    flow.whole_day()
    ran = penstock("card", "notes", "2026-11-16", "--attach")
    assert ran.out.count("wrote ") == 3
    assert (tmp_path / "lake" / "docs" / "notes" / "2026-11-16" / "card" / "card.html").is_file()


def test_a_day_that_is_not_there_says_what_to_run(penstock: Any) -> None:
    ran = penstock("card", "notes", "2026-11-16")
    assert ran.code == 2
    assert "bin/airflow dags test notes 2026-11-16" in ran.err
    assert penstock("card", "notes", "someday").code == 2
