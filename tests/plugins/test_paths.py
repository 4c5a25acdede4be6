"""Recipes and expectations are found beside the plugins, or where PENSTOCK_INCLUDE says."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import RecipeError
from penstock_airflow.paths import expectations_path, include_folder, load_recipe


def test_the_folder_is_the_projects_own():
    assert (include_folder() / "penstock" / "recipe.py").is_file()


def test_an_unknown_dataset_names_the_nearest_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "opinion_text.yaml").write_text("x", encoding="utf-8")
    monkeypatch.setenv("PENSTOCK_INCLUDE", str(tmp_path))
    with pytest.raises(RecipeError, match="did you mean opinion_text"):
        load_recipe("opinion_txt")


def test_expectations_have_the_datasets_name_unless_given():
    assert expectations_path("x").name == "x.yaml"
    assert expectations_path("x", "/elsewhere/y.yaml") == Path("/elsewhere/y.yaml")
