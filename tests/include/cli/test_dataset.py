"""``penstock new-dataset``."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_writes_the_files_and_says_what_to_do_next(project: Path, penstock: Any) -> None:
    ran = penstock("new-dataset", "letters", "--start", "2026-11-01")
    assert ran.code == 0
    assert (project / "dags" / "letters.py").is_file()
    assert "inbox/letters/" in ran.out
    assert "airflow dags test letters" in ran.out
    assert "start: 2026-11-01" in (project / "include/recipes/letters.yaml").read_text()


def test_json_names_the_files(project: Path, penstock: Any) -> None:
    made = penstock("new-dataset", "letters", "--json").json()
    assert all(Path(path).is_file() for path in made["files"])
    assert project.name in made["files"][0]


def test_a_second_time_nothing_is_overwritten(project: Path, penstock: Any) -> None:
    penstock("new-dataset", "letters")
    (project / "dags" / "letters.py").write_text("mine")
    ran = penstock("new-dataset", "letters")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing was written" in " ".join(ran.err.split())
    assert (project / "dags" / "letters.py").read_text() == "mine"


def test_a_bad_name_and_a_bad_day_are_wrong_use(penstock: Any) -> None:
    assert "try bad_name" in penstock("new-dataset", "Bad-Name").err
    assert "YYYY-MM-DD" in penstock("new-dataset", "letters", "--start", "tomorrow").err
