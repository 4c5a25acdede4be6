"""Rebuilding whole days, from artefacts and from texts, is tested in ``process/duplicates/test_artefact.py``."""

from __future__ import annotations

import pytest

from penstock.errors import RecipeError
from penstock.process.duplicates.near_duplicates import NearDuplicates
from penstock.process.section import ProcessSection
from penstock.recipe import Recipe
from penstock.store.rebuild_index import rebuild_index


@pytest.mark.parametrize("steps", [(), (NearDuplicates(index=None),)])
def test_a_recipe_without_an_index_is_refused(lake, steps):
    with pytest.raises(RecipeError, match="expected a process step near_duplicates with an index"):
        rebuild_index(lake, Recipe.only("notes", process=ProcessSection(steps=steps)))


def test_without_published_days_there_is_nothing_to_rebuild(lake):
    recipe = Recipe.only("notes", process=ProcessSection(steps=(NearDuplicates(),)))
    assert rebuild_index(lake, recipe) == []
