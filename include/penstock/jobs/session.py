"""Open a Spark Connect session, with every wait bounded."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from penstock.errors import SourceError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DEFAULT_PORT = 15002
RETRIES = 6
"""Tries of one call before a lost server is an error: about 20 s. Spark's own default waits over 10 minutes."""


def connect(remote: str, *, timeout_s: float = 60) -> SparkSession:
    """Return a new session of the Spark Connect server ``remote`` (``sc://host:port``), in UTC.

    Raises:
        SourceError: when nobody listens there within ``timeout_s`` (seconds).
    """
    _check_port(remote, timeout_s)
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client.retries import DefaultPolicy

    session: SparkSession = SparkSession.builder.remote(remote).create()
    session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES, max_backoff=5000)])
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def _check_port(remote: str, timeout_s: float) -> None:
    parts = urlsplit(remote)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORT
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return
    except OSError as error:
        message = (
            f"spark: expected a Connect server at {host}:{port}, got {error}; start one (make up, or leave the "
            "connection penstock_spark undefined), or correct that connection"
        )
        raise SourceError(message) from error
