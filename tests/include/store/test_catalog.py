"""One catalog, for Spark and for PyIceberg."""

from __future__ import annotations

import pytest

from penstock.errors import ContractError
from penstock.store.catalog import configure, local_catalog, open_catalog, pyiceberg_properties


def test_a_local_catalog_is_a_file_with_its_tables_beside_it(tmp_path):
    settings = local_catalog(tmp_path)
    assert settings["spark.sql.catalog.penstock.uri"].startswith(
        f"jdbc:sqlite:{tmp_path}/catalog/catalog.db?"
    )
    assert settings["spark.sql.catalog.penstock.warehouse"] == f"file://{tmp_path}/catalog/warehouse"
    assert (tmp_path / "catalog" / "warehouse").is_dir()
    assert local_catalog(tmp_path) == settings


def test_pyiceberg_opens_the_same_file(tmp_path):
    properties = pyiceberg_properties(local_catalog(tmp_path))
    assert properties["uri"] == f"sqlite:///{tmp_path}/catalog/catalog.db"
    assert properties["warehouse"] == f"file://{tmp_path}/catalog/warehouse"
    assert open_catalog(local_catalog(tmp_path)).name == "penstock"


@pytest.mark.parametrize(
    ("settings", "properties"),
    [
        (
            {
                "type": "jdbc",
                "uri": "jdbc:postgresql://db:5432/x",
                "jdbc.user": "u",
                "jdbc.password": "p@:/ss",
            },
            {
                "type": "sql",
                "uri": "postgresql://u:p%40%3A%2Fss@db:5432/x",
                "init_catalog_tables": "false",
            },
        ),
        (
            {"type": "rest", "uri": "http://c", "token": "t"},
            {"type": "rest", "uri": "http://c", "token": "t"},
        ),
        ({"uri": "http://c"}, {"type": "rest", "uri": "http://c"}),
    ],
)
def test_other_catalogs_are_translated(settings, properties):
    prefixed = {f"spark.sql.catalog.penstock.{key}": value for key, value in settings.items()}
    assert pyiceberg_properties({"spark.sql.catalog.penstock": "x", **prefixed}) == properties


def test_a_session_takes_one_catalog_and_refuses_another(session, tmp_path, catalog):
    configure(session, catalog)
    configure(session, catalog)
    with pytest.raises(ContractError, match="keeps its first"):
        configure(session, local_catalog(tmp_path))
