"""Published rows as Arrow, without Spark."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.errors import ContractError
from penstock.manifest import Zone
from penstock.store.read import open_table, pinned, published_days, scan, scan_newest
from penstock.store.stage import store

ROWS = [("a", "good", 0.5), ("b", None, 1.5)]


@pytest.fixture
def published(day_run, check):
    """Publish two days; return the run of the later one."""
    for day in ("2026-11-16", "2026-11-17"):
        run = day_run(day)
        check(run, ROWS)
        store(run)
    return run


def test_days_and_columns_are_chosen(published):
    run = published
    assert published_days(run.lake, "notes") == ["2026-11-16", "2026-11-17"]
    both = scan(
        run.lake,
        run.catalog,
        "notes",
        "labeled",
        ["2026-11-17", "2026-11-16", "2026-11-17"],
        columns=["doc_id"],
    )
    assert both.column_names == ["doc_id", "day"]
    assert sorted(both.column("day").to_pylist()) == [date(2026, 11, 16)] * 2 + [date(2026, 11, 17)] * 2
    name = f"penstock.{run.recipe.store.namespace}.features"
    assert len(scan_newest(run.catalog, name)) == 4
    assert len(scan_newest(run.catalog, name, days=["2026-11-17"])) == 2
    assert scan_newest(run.catalog, name, columns=["score"]).column_names == ["score"]


def test_what_is_not_published_is_said(published):
    run = published
    assert published_days(run.lake, "nothing") == []
    with pytest.raises(ContractError, match="expected at least one day"):
        scan(run.lake, run.catalog, "notes", "labeled", [])
    with pytest.raises(ContractError, match="expected a manifest of zone 05_published"):
        scan(run.lake, run.catalog, "notes", "labeled", ["2026-11-18"])
    with pytest.raises(ContractError, match="its manifest has: labeled, features"):
        scan(run.lake, run.catalog, "notes", "labels", ["2026-11-16"])
    with pytest.raises(ContractError, match="expected it in the catalog penstock, found none"):
        open_table(run.catalog, "nowhere.labeled")


def test_a_manifest_pins_where_its_table_lies(published):
    snapshot = pinned(published.lake.manifest(Zone.PUBLISHED, "notes", "2026-11-17"), "labeled")
    assert (snapshot.rows, snapshot.format) == (2, "iceberg")
    assert snapshot.location == open_table(published.catalog, snapshot.name).location()
