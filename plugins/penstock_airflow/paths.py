"""Where the recipes and expectations lie: beside this project's ``plugins/``, or below ``PENSTOCK_INCLUDE``."""

from __future__ import annotations

import os
from pathlib import Path

from penstock import recipe as recipes
from penstock.recipe import Recipe


def include_folder() -> Path:
    """Return the folder that holds ``recipes/`` and ``expectations/``."""
    return Path(os.environ.get("PENSTOCK_INCLUDE") or Path(__file__).parents[2] / "include")


def load_recipe(dataset: str) -> Recipe:
    """Return the recipe ``include/recipes/<dataset>.yaml``.

    Raises:
        RecipeError: when it is missing or wrong; Airflow shows it as the DAG's import error.
    """
    return recipes.load(include_folder() / "recipes" / f"{dataset}.yaml")


def expectations_path(dataset: str, given: str | None = None) -> Path:
    """Return the expectations file: ``given`` (from the include folder when relative) or the dataset's own."""
    return include_folder() / (given or f"expectations/{dataset}.yaml")
