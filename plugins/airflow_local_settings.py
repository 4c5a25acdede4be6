"""What Airflow reads in every process before it opens its database (the module's name is Airflow's).

A savepoint opens SQLite's transaction as a reader; when another process has written since, its first write fails at
once with "database is locked", whatever the timeout is (seen: `airflow backfill create --reprocess-behavior`). A
transaction that begins as a writer waits instead. https://sqlite.org/isolation.html
"""

from __future__ import annotations

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "savepoint")
def begin_as_writer(connection: Connection, name: str) -> None:
    """Take SQLite's write lock before the outermost savepoint ``name``."""
    if connection.dialect.name != "sqlite":
        return
    if not getattr(connection.connection.driver_connection, "in_transaction", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
