"""The ledger's tables. Times are UTC; ``run_key`` is the day (``YYYY-MM-DD``) that a person names."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

SCHEMA_VERSION = 1

metadata = MetaData()

_Id = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC that comes back with its zone, also from SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite forgets."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _run_columns() -> list[Column[str]]:
    return [Column("dataset", String(200), nullable=False), Column("run_key", String(32), nullable=False)]


schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

stage_runs = Table(
    "stage_runs",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    *_run_columns(),
    Column("stage", String(16), nullable=False),
    Column("attempt", String(80), nullable=False, unique=True),
    Column("state", String(16), nullable=False, doc="running, success, unchanged, failed, killed"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("seconds", Float),
    Column("rows_in", BigInteger),
    Column("rows_out", BigInteger),
    Column("rows_dropped", BigInteger),
    Column("rows_quarantined", BigInteger),
    Column("bytes_out", BigInteger),
    Column("verdict", String(8)),
    Column("fingerprint", String(64)),
    Column("error_kind", String(80)),
    Column("error", Text),
    Column("origin", JSON, nullable=False, doc="host, pid and, from Airflow, dag_id, run_id, try_number"),
    Column("receipt", JSON),
    Index("ix_stage_runs_run", "dataset", "run_key", "stage", "id"),
    Index("ix_stage_runs_day", "run_key"),
)

drops = Table(
    "drops",
    metadata,
    Column("stage_run_id", _Id, primary_key=True),
    Column("kind", String(16), primary_key=True, doc="dropped or quarantined"),
    Column("reason", String(300), primary_key=True),
    Column("rows", BigInteger, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    *_run_columns(),
    Column("attempt", String(80), nullable=False),
    Column("fingerprint", String(64), nullable=False, doc="names the checked rows"),
    Column("verdict", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("docs_uri", Text, doc="the Data Docs of this verdict"),
    Column("sample_uri", Text, doc="quarantined rows"),
    Index("ix_verdicts_run", "dataset", "run_key", "id"),
)

expectations = Table(
    "expectations",
    metadata,
    Column("verdict_id", _Id, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String(300), nullable=False),
    Column("expectation_type", String(200), nullable=False),
    Column("column_name", String(200)),
    Column("severity", String(16), nullable=False),
    Column("success", Boolean, nullable=False),
    Column("observed", JSON),
    Column("unexpected_rows", BigInteger),
    Column("checked_rows", BigInteger),
    Column("reason", Text),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    *_run_columns(),
    Column("attempt", String(80), nullable=False),
    Column("table_name", String(300), nullable=False),
    Column("table_format", String(16), nullable=False),
    Column("snapshot_id", String(80), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_snapshots_run", "dataset", "run_key", "id"),
)

models = Table(
    "models",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("name", String(200), nullable=False),
    Column("version", String(80), nullable=False),
    Column("run_key", String(32), nullable=False, doc="trained on published days up to this one"),
    Column("uri", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("training_snapshot", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_models_name", "name", "run_key", "id"),
)

masked = Table(
    "masked",
    metadata,
    Column("stage_run_id", _Id, primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    *_run_columns(),
    Column("stage", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("noticed_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, doc="when the stage did finish, late"),
    Column("lateness_seconds", Float, nullable=False),
    Column("cause", Text, nullable=False),
    Column("notified", String(200), nullable=False, doc="where the notice went"),
    Column("run_id", String(300), nullable=False, default="", doc="the Airflow run"),
    Index("ix_deadlines_run", "dataset", "run_key", "stage"),
)

events = Table(
    "events",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    *_run_columns(),
    Column("stage", String(16), nullable=False),
    Column("attempt", String(80), nullable=False),
    Column(
        "kind",
        String(40),
        nullable=False,
        doc="started, finished, unchanged, failed, killed, deadline_missed",
    ),
    Column("detail", JSON, nullable=False),
    Index("ix_events_run", "dataset", "run_key", "id"),
)
