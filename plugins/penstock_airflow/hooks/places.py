"""The four connections of Penstock, each with a working default when it is not defined.

``penstock_lake``, ``penstock_ledger``, ``penstock_spark`` and ``penstock_catalog``: what each may hold is described
with the functions of `penstock.locations`, which turn a connection into a place. Passwords that steps of a recipe use
(the key of pseudonyms, docs/pii.md) and stores that sources read (docs/web_text.md) come from connections of their own.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING

from airflow.exceptions import AirflowNotFoundException
from airflow.sdk import BaseHook
from pydantic import SecretStr

from penstock import locations
from penstock.lake import Lake
from penstock.ledger import Ledger

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from pyspark.sql import SparkSession

SPARK_START_TIMEOUT_S = 180
SPARK_CONNECT_TIMEOUT_S = 60


def find_connection(conn_id: str) -> Connection | None:
    """Return a connection, or None when it is not defined anywhere."""
    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        return None


def lake(conn_id: str = "penstock_lake") -> Lake:
    """Open the lake."""
    connection = find_connection(conn_id)
    place = locations.lake_from(connection) if connection else None
    if place is None:
        return locations.locate(os.environ).lake()
    return Lake(place.uri, **place.options)


def ledger(conn_id: str = "penstock_ledger") -> Ledger:
    """Open the ledger."""
    connection = find_connection(conn_id)
    return Ledger(locations.ledger_from(connection)) if connection else locations.locate(os.environ).ledger()


def secret(conn_id: str) -> SecretStr | None:
    """Return the password of a connection, or None when it is not defined or has none."""
    connection = find_connection(conn_id)
    if connection is None:
        return locations.secret_of(os.environ, conn_id)
    return SecretStr(connection.password) if connection.password else None


def catalog(conn_id: str = "penstock_catalog") -> dict[str, str]:
    """Return the Spark settings of the table catalog."""
    connection = find_connection(conn_id)
    return locations.catalog_from(connection) if connection else locations.locate(os.environ).catalog


def spark_url(conn_id: str = "penstock_spark") -> str:
    """Return the URL of a Spark Connect server; without a connection, the local one, started when none is up."""
    connection = find_connection(conn_id)
    remote = locations.spark_from(connection) if connection else locations.locate(os.environ).spark_remote
    if remote:
        return remote
    from penstock.services.spark_server import ensure_running

    return ensure_running(timeout_s=SPARK_START_TIMEOUT_S)


class Places:
    """The places of one task; its Spark session is opened when first asked for, and closed at the end."""

    def __init__(
        self,
        lake: str = "penstock_lake",
        ledger: str = "penstock_ledger",
        spark: str = "penstock_spark",
        catalog: str = "penstock_catalog",
    ) -> None:
        self._ids = {"lake": lake, "ledger": ledger, "spark": spark, "catalog": catalog}
        self._session: SparkSession | None = None

    def __enter__(self) -> Places:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            self._session.stop()

    def lake(self) -> Lake:
        """Open the lake."""
        return lake(self._ids["lake"])

    def ledger(self) -> Ledger:
        """Open the ledger."""
        return ledger(self._ids["ledger"])

    def catalog(self) -> dict[str, str]:
        """Return the Spark settings of the table catalog."""
        return catalog(self._ids["catalog"])

    def spark(self) -> SparkSession:
        """Return the task's Spark session."""
        if self._session is None:
            from penstock.jobs.session import connect

            self._session = connect(spark_url(self._ids["spark"]), timeout_s=SPARK_CONNECT_TIMEOUT_S)
        return self._session
