"""The table catalog: the same one for Spark (settings of a session) and for PyIceberg (properties)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from penstock.errors import ContractError
from penstock.store.formats.iceberg import CATALOG

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyspark.sql import SparkSession

PREFIX = f"spark.sql.catalog.{CATALOG}"
_MARK = "penstock.catalog.sha256"
_BUSY_TIMEOUT_MS = 30_000
_SHARED = ("uri", "warehouse", "token", "credential")


def local_catalog(home: Path) -> dict[str, str]:
    """Return the Spark settings of a catalog in a SQLite file below ``home``, with its tables beside it.

    A writer waits up to 30 s for another one's commit; tables are not cached, so that a session sees each commit.
    """
    folder = home.absolute() / "catalog"
    (folder / "warehouse").mkdir(parents=True, exist_ok=True)
    return {
        PREFIX: "org.apache.iceberg.spark.SparkCatalog",
        f"{PREFIX}.type": "jdbc",
        f"{PREFIX}.uri": f"jdbc:sqlite:{folder}/catalog.db?busy_timeout={_BUSY_TIMEOUT_MS}&journal_mode=WAL",
        f"{PREFIX}.warehouse": f"file://{folder}/warehouse",
        f"{PREFIX}.jdbc.schema-version": "V1",
        f"{PREFIX}.cache-enabled": "false",
    }


def configure(spark: SparkSession, settings: Mapping[str, str]) -> None:
    """Give a session the catalog; the server needs no restart.

    Raises:
        ContractError: when the session has another one: it would silently stay with that.
    """
    digest = hashlib.sha256(repr(sorted(settings.items())).encode()).hexdigest()
    known = spark.conf.get(_MARK, "")
    if known and known != digest:
        message = (
            f"spark: expected a session without a catalog {CATALOG}, or with this one, got one that was given another; "
            "a session keeps its first: open a new one for another catalog"
        )
        raise ContractError(message)
    for key, value in {**settings, _MARK: digest}.items():
        spark.conf.set(key, value)


def pyiceberg_properties(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what PyIceberg needs to open the catalog that ``settings`` give to Spark.

    The Python driver of a database is SQLAlchemy's first choice, as for the ledger.
    """
    plain = {key.removeprefix(f"{PREFIX}."): value for key, value in settings.items() if key != PREFIX}
    properties = {key: value for key, value in plain.items() if key in _SHARED}
    if plain.get("type") != "jdbc":
        return {"type": plain.get("type", "rest"), **properties}
    scheme, _, rest = plain["uri"].removeprefix("jdbc:").partition(":")
    where = rest.partition("?")[0]
    uri = f"sqlite:///{where}" if scheme == "sqlite" else f"{scheme}:{where}"
    user, password = plain.get("jdbc.user"), plain.get("jdbc.password")
    if user and scheme != "sqlite":
        uri = uri.replace("://", f"://{quote(user, safe='')}:{quote(password or '', safe='')}@", 1)
    return {"type": "sql", **properties, "uri": uri, "init_catalog_tables": "false"}


def open_catalog(settings: Mapping[str, str]) -> Catalog:
    """Return the PyIceberg catalog; its name equals Spark's, else it would look empty."""
    from pyiceberg.catalog import load_catalog

    return load_catalog(CATALOG, **pyiceberg_properties(settings))
