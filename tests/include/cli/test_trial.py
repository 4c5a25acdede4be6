"""``penstock try``: a recipe on a sample, on the screen and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

RECIPE = """dataset: notes
start: 2026-11-01
ingest: {records: lines, source: {kind: folder, path: INBOX}}
transfer: {decoder: {kind: lines, column: text}}
process: {steps: [{kind: length, min_chars: 2}, {kind: exact_duplicates}, {kind: mask_pii}]}
"""


@pytest.fixture
def recipe(project: Path, tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    path = project / "include" / "recipes" / "notes.yaml"
    path.write_text(RECIPE.replace("INBOX", str(tmp_path / "inbox")))
    return path


@pytest.fixture
def raw(flow: Any, recipe: Path) -> None:
    texts = ["a good text", "x", "mail me: jane.doe@example.com", "\x1b[2J[bold]markup[/bold]"]
    flow.ingest(texts)
    flow.transfer(texts)


@pytest.mark.usefixtures("raw")
def test_shows_the_funnel_the_reasons_and_examples(penstock: Any) -> None:
    ran = penstock("try", "notes", "--set", "process.min_chars=12")
    assert ran.code == 0
    said = " ".join(ran.out.split())
    for words in (
        "notes 2026-11-16: 4 of 4 raw rows (seed 0",
        "with process.min_chars=12",
        "length too_short 2 50.0 % 1, 11, 11 min_chars 12",
        "exact_duplicates 2 skipped: no Spark server runs here; --with-spark starts one",
        "00000100 1 x",
        "2 of 4 rows are left (50.0 %)",
        "Nothing was published.",
    ):
        assert words in said


@pytest.mark.usefixtures("raw")
def test_no_text_steers_the_terminal_or_tells_an_address(penstock: Any) -> None:
    ran = penstock("try", "notes", "--set", "process.min_chars=100")
    assert "\x1b" not in ran.out
    assert "[bold]markup[/bold]" in ran.out
    assert "jane.doe" not in ran.out


@pytest.mark.usefixtures("raw")
def test_json_has_all_of_it_and_nothing_is_written(penstock: Any, tmp_path: Path) -> None:
    before = files_in(tmp_path)
    found = penstock("try", "notes", "--sample", "3", "--seed", "5", "--json").json()
    assert (found["rows_in"], found["seed"], found["rows_of_day"]) == (3, 5, 4)
    assert [step["step"] for step in found["steps"]] == ["length", "exact_duplicates", "mask_pii"]
    assert files_in(tmp_path) == before


def files_in(folder: Path) -> list[Path]:
    """Every file but those that SQLite keeps beside its database."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path.suffix not in {".db-wal", ".db-shm"})


@pytest.mark.usefixtures("raw")
def test_steps_can_be_left_out_and_other_files_tried(penstock: Any, recipe: Path, tmp_path: Path) -> None:
    other = tmp_path / "strict.yaml"
    other.write_text(recipe.read_text().replace("min_chars: 2", "min_chars: 20"))
    assert penstock("try", "notes", "--file", str(other), "--json").json()["dropped"] == 2
    steps = penstock("try", "notes", "--without", "exact_duplicates", "--json").json()["steps"]
    assert [step["step"] for step in steps] == ["length", "mask_pii"]


@pytest.mark.usefixtures("raw")
def test_wrong_use_is_one_line(penstock: Any, tmp_path: Path, recipe: Path) -> None:
    for words, said in (
        (("notes", "--set", "process.min_char=3"), "did you mean min_chars?"),
        (("note",), "did you mean notes?"),
        (("notes", "--day", "yesterday"), "yesterday"),
        (("notes", "--day", "2026-11-20"), "penstock try notes --day 2026-11-20 --fetch"),
        (("other", "--file", str(recipe)), "expected a recipe of other, got one of notes"),
    ):
        ran = penstock("try", *words)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
        assert len(ran.err.splitlines()) == 1


@pytest.mark.usefixtures("recipe")
def test_a_day_without_raw_rows_says_which_command_to_run(penstock: Any) -> None:
    ran = penstock("try", "notes")
    assert ran.code == 2
    assert "bin/airflow dags test notes 2026-11-01" in ran.err


@pytest.mark.usefixtures("recipe")
def test_fetch_brings_the_day_into_a_lake_that_is_thrown_away(penstock: Any, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "2026-11-16.txt").write_text("first text\nx\nsecond text\n")
    ran = penstock("try", "notes", "--day", "2026-11-16", "--fetch", "--json")
    assert ran.code == 0, ran.err
    assert "temporary lake" in ran.err
    assert (ran.json()["rows_in"], ran.json()["dropped"]) == (3, 1)
    assert not (tmp_path / "lake").exists()
