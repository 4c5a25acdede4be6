"""Assets: one for each published table, so that `store` can wake its consumers."""

from __future__ import annotations

from airflow.sdk import Asset

from penstock.recipe import Recipe


def asset(dataset: str, table: str) -> Asset:
    """Return the asset of one published table."""
    return Asset(name=f"{dataset}.{table}", uri=f"penstock://{dataset}/{table}", group="penstock")


def assets_of(recipe: Recipe) -> list[Asset]:
    """Return the assets of every table that ``recipe`` publishes."""
    return [asset(recipe.dataset, table.name) for table in recipe.store.tables_of(recipe.dataset)]
