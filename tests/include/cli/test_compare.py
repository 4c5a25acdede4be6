"""``penstock compare``: A beside B, on the screen, as JSON and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

RECIPE = """dataset: notes
start: 2026-11-01
ingest: {source: {kind: folder, path: /nowhere}}
process: {steps: [{kind: length, min_chars: 2}]}
"""


@pytest.fixture
def recipe(project: Path, flow: Any) -> Path:
    path = project / "include" / "recipes" / "notes.yaml"
    path.write_text(RECIPE)
    texts = ["a", "four", "a longer text"]
    flow.ingest(texts)
    flow.transfer(texts)
    return path


@pytest.mark.usefixtures("recipe")
def test_a_recipe_beside_itself_with_another_setting(penstock: Any, tmp_path: Path) -> None:
    ran = penstock(
        "compare", "notes", "notes", "--set", "process.min_chars=5", "--html", str(tmp_path / "x.html")
    )
    said = " ".join(ran.out.split())
    for words in (
        "B notes with process.min_chars=5",
        "length too_short 1 33.3 % 2 66.7 % +33.3 points",
        "documents kept by both 1, only by A 1, only by B 0: agreement 50.0 %",
        "only A 00000100 four [dropped by the other: length: too_short]",
    ):
        assert words in said
    assert "Two recipes side by side" in (tmp_path / "x.html").read_text()


def test_two_files(penstock: Any, recipe: Path, tmp_path: Path) -> None:
    other = tmp_path / "strict.yaml"
    other.write_text(RECIPE.replace("min_chars: 2", "min_chars: 5"))
    found = penstock("compare", str(recipe), str(other), "--json").json()
    assert (found["kind"], found["first"]["rows_out"], found["second"]["rows_out"]) == ("recipes", 2, 1)


def test_two_days(flow: Any, penstock: Any) -> None:
    flow.whole_day("2026-11-16")
    flow.whole_day("2026-11-17")
    found = penstock("compare", "notes:2026-11-16", "notes:2026-11-17", "--json").json()
    assert (found["kind"], found["overlap"]["by"], found["overlap"]["both"]) == ("days", "text", 2)
    assert penstock("compare", "2026-11-16", "2026-11-17", "--dataset", "notes").code == 0


@pytest.mark.usefixtures("recipe")
def test_wrong_use_is_one_line(penstock: Any, project: Path) -> None:
    (project / "include" / "recipes" / "other.yaml").write_text(
        RECIPE.replace("dataset: notes", "dataset: other")
    )
    for words, said in (
        (("notes", "notes:2026-11-16"), "one of each"),
        (("2026-11-16", "2026-11-17"), "--dataset"),
        (("notes", "other"), "two recipes of one dataset"),
        (("notes:2026-11-16", "notes:2026-11-17"), "expected a manifest"),
    ):
        ran = penstock("compare", *words)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
