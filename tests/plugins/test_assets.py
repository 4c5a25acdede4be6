"""Assets: one a published table."""

from __future__ import annotations

from penstock.recipe import Recipe
from penstock.store.section import StoreSection, TableSpec
from penstock_airflow.assets import assets_of


def test_each_table_of_the_recipe_is_an_asset_of_its_name():
    section = StoreSection(tables=(TableSpec(name="a"), TableSpec(name="b")))
    found = assets_of(Recipe.only("x", store=section))
    assert [(a.name, a.uri) for a in found] == [("x.a", "penstock://x/a"), ("x.b", "penstock://x/b")]
