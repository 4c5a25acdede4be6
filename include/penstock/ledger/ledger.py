"""What is written to the ledger, and the few questions that stages themselves ask it.

SQLite by default (WAL, so that readers never wait), PostgreSQL by URL. Each call is one short transaction.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from penstock.errors import PenstockError
from penstock.ledger import schema
from penstock.receipt import Receipt, Stage, Verdict

_BUSY_TIMEOUT_S = 30


class Ledger:
    """One database of receipts and verdicts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        _create(self.engine)

    # -- the life of a stage run ----------------------------------------------------------------------------------

    def start(
        self,
        *,
        dataset: str,
        run_key: str,
        stage: Stage,
        attempt: str,
        origin: Mapping[str, Any] | None = None,
    ) -> int:
        """Record that a stage runs; earlier runs of it whose process is gone become ``killed``.

        Returns the id of the stage run.
        """
        origin = {"host": socket.gethostname(), "pid": os.getpid(), **(origin or {})}
        with self.engine.begin() as connection:
            self._bury_the_dead(connection, dataset, run_key, stage)
            inserted = connection.execute(
                sa.insert(schema.stage_runs).values(
                    dataset=dataset,
                    run_key=run_key,
                    stage=stage.value,
                    attempt=attempt,
                    state="running",
                    started_at=datetime.now(UTC),
                    origin=origin,
                )
            )
            _emit(connection, dataset, run_key, stage.value, attempt, "started", {})
            key = inserted.inserted_primary_key
            return int(key[0]) if key else 0

    def finish(self, receipt: Receipt) -> None:
        """Record a stage's receipt, with its drops, quarantine and masked counts."""
        state = "unchanged" if receipt.unchanged else "success"
        values = {
            "state": state,
            "finished_at": receipt.finished_at,
            "seconds": receipt.seconds,
            "rows_in": receipt.rows_in,
            "rows_out": receipt.rows_out,
            "rows_dropped": sum(receipt.dropped.values()),
            "rows_quarantined": sum(receipt.quarantined.values()),
            "bytes_out": receipt.bytes_out,
            "verdict": receipt.verdict.value if receipt.verdict else None,
            "fingerprint": receipt.fingerprint,
            "receipt": receipt.as_dict(),
        }
        with self.engine.begin() as connection:
            run_id = self._close(connection, receipt.attempt, values)
            _insert_counts(connection, run_id, "dropped", receipt.dropped)
            _insert_counts(connection, run_id, "quarantined", receipt.quarantined)
            masked = receipt.details.get("masked", {})
            rows = [{"stage_run_id": run_id, "kind": kind, "count": count} for kind, count in masked.items()]
            if rows:
                connection.execute(sa.insert(schema.masked), rows)
            kind = "unchanged" if receipt.unchanged else "finished"
            detail = {"rows_out": receipt.rows_out, "manifest_uri": receipt.manifest_uri}
            _emit(
                connection,
                receipt.dataset,
                receipt.run_key,
                receipt.stage.value,
                receipt.attempt,
                kind,
                detail,
            )

    def fail(self, *, attempt: str, error: BaseException, verdict: Verdict | None = None) -> None:
        """Record that a stage run ended with ``error``."""
        values = {
            "state": "failed",
            "finished_at": datetime.now(UTC),
            "error_kind": type(error).__name__,
            "error": str(error)[:4000],
            "verdict": verdict.value if verdict else None,
        }
        with self.engine.begin() as connection:
            run_id = self._close(connection, attempt, values)
            run = connection.execute(
                sa.select(schema.stage_runs).where(schema.stage_runs.c.id == run_id)
            ).one()
            seconds = (values["finished_at"] - run.started_at).total_seconds()
            connection.execute(
                sa.update(schema.stage_runs).where(schema.stage_runs.c.id == run_id).values(seconds=seconds)
            )
            detail = {"error_kind": type(error).__name__, "error": str(error)[:1000]}
            _emit(connection, run.dataset, run.run_key, run.stage, attempt, "failed", detail)

    def _close(self, connection: Connection, attempt: str, values: Mapping[str, Any]) -> int:
        runs = schema.stage_runs
        row = connection.execute(sa.select(runs.c.id).where(runs.c.attempt == attempt)).first()
        if row is None:
            message = (
                f"ledger: expected a started stage run of attempt {attempt}, found none; call start() first"
            )
            raise PenstockError(message)
        connection.execute(sa.update(runs).where(runs.c.id == row.id).values(**values))
        return int(row.id)

    def _bury_the_dead(self, connection: Connection, dataset: str, run_key: str, stage: Stage) -> None:
        runs = schema.stage_runs
        same = (runs.c.dataset == dataset) & (runs.c.run_key == run_key) & (runs.c.stage == stage.value)
        running = connection.execute(sa.select(runs).where(same, runs.c.state == "running")).all()
        for row in running:
            if not is_alive(row.origin, row.started_at):
                ended = {"state": "killed", "finished_at": datetime.now(UTC), "error_kind": "Killed"}
                text = "the process that ran this attempt is gone; nothing of it was published"
                connection.execute(sa.update(runs).where(runs.c.id == row.id).values(**ended, error=text))
                _emit(connection, dataset, run_key, stage.value, row.attempt, "killed", {})

    def killed_attempts(self, dataset: str, run_key: str, stage: Stage) -> list[str]:
        """Return the attempts of a stage whose process was found gone."""
        runs = schema.stage_runs
        same = (runs.c.dataset == dataset) & (runs.c.run_key == run_key) & (runs.c.stage == stage.value)
        with self.engine.connect() as connection:
            query = sa.select(runs.c.attempt).where(same, runs.c.state == "killed")
            return list(connection.execute(query).scalars())

    # -- the gate -------------------------------------------------------------------------------------------------

    def record_verdict(
        self,
        *,
        dataset: str,
        run_key: str,
        attempt: str,
        fingerprint: str,
        verdict: Verdict,
        results: Iterable[Mapping[str, Any]],
        docs_uri: str | None = None,
        sample_uri: str | None = None,
    ) -> None:
        """Keep a verdict with every expectation's observed value.

        Each of ``results`` has name, expectation_type, column_name, severity, success, observed, unexpected_rows,
        checked_rows and reason.
        """
        with self.engine.begin() as connection:
            inserted = connection.execute(
                sa.insert(schema.verdicts).values(
                    dataset=dataset,
                    run_key=run_key,
                    attempt=attempt,
                    fingerprint=fingerprint,
                    verdict=verdict.value,
                    at=datetime.now(UTC),
                    docs_uri=docs_uri,
                    sample_uri=sample_uri,
                )
            )
            key = inserted.inserted_primary_key
            verdict_id = key[0] if key else None
            rows = [{"verdict_id": verdict_id, "position": i, **result} for i, result in enumerate(results)]
            if rows:
                connection.execute(sa.insert(schema.expectations), rows)

    def verdict_of(self, *, dataset: str, run_key: str, fingerprint: str) -> Verdict | None:
        """Return the newest verdict on the rows that ``fingerprint`` names."""
        table = schema.verdicts
        query = (
            sa.select(table.c.verdict)
            .where(table.c.dataset == dataset, table.c.run_key == run_key, table.c.fingerprint == fingerprint)
            .order_by(table.c.id.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            found = connection.execute(query).scalar()
        return Verdict(found) if found else None

    # -- tables, models, deadlines --------------------------------------------------------------------------------

    def record_snapshot(self, **values: Any) -> None:
        """Keep a published snapshot: the columns of ``schema.snapshots`` without ``id`` and ``at``."""
        self._insert(schema.snapshots, values)

    def record_model(self, **values: Any) -> None:
        """Keep a trained model: the columns of ``schema.models`` without ``id`` and ``at``."""
        self._insert(schema.models, values)

    def newest_model(self, name: str, *, before: str) -> Mapping[str, Any] | None:
        """Return the newest accepted model that was trained on days before ``before`` alone, as a row."""
        table = schema.models
        query = (
            sa.select(table)
            .where(table.c.name == name, table.c.accepted, table.c.run_key < before)
            .order_by(table.c.run_key.desc(), table.c.id.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return dict(row) if row else None

    def record_missed_deadline(self, **values: Any) -> bool:
        """Keep a missed deadline once per run and stage; return whether it is new.

        ``values`` are the columns of ``schema.deadlines`` without ``id``.
        """
        table = schema.deadlines
        same = [table.c[name] == values.get(name, "") for name in ("dataset", "run_key", "stage", "run_id")]
        with self.engine.begin() as connection:
            known = connection.execute(sa.select(table.c.id).where(*same)).first()
            if known is not None:
                late = {
                    k: values[k] for k in ("finished_at", "lateness_seconds") if values.get(k) is not None
                }
                connection.execute(sa.update(table).where(table.c.id == known.id).values(**late))
                return False
            connection.execute(sa.insert(table).values(**values))
            detail = {"cause": values["cause"], "lateness_seconds": values["lateness_seconds"]}
            _emit(
                connection,
                values["dataset"],
                values["run_key"],
                values["stage"],
                "",
                "deadline_missed",
                detail,
            )
        return True

    def _insert(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.insert(table).values(at=datetime.now(UTC), **values))


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return _server_engine(url)
    database = sa.make_url(url).database
    if database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})
    sa.event.listen(engine, "connect", _configure_sqlite)
    return engine


def _server_engine(url: str) -> Engine:
    try:
        return sa.create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        wanted = "psycopg[binary]" if error.name == "psycopg" else error.name
        message = (
            f"ledger: expected the Python driver {error.name} for {sa.make_url(url).drivername}, found none; install "
            f"it: .venv-uv/bin/uv pip install --python .venv/bin/python '{wanted}'"
        )
        raise PenstockError(message) from error


def _configure_sqlite(connection: Any, _record: Any) -> None:
    import stamina

    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_S * 1000}")
    connection.execute("PRAGMA synchronous=NORMAL")
    # SQLite does not wait for a lock when it changes the journal: of two processes that open a new ledger at once,
    # one is told "database is locked" and must ask again.
    for attempt in stamina.retry_context(
        on=sqlite3.OperationalError, attempts=None, timeout=_BUSY_TIMEOUT_S, wait_initial=0.01, wait_max=0.2
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode=WAL")


def _create_tables(engine: Engine) -> None:
    """Create the tables that are missing; several processes may do so at once, and race for each table."""
    for left in reversed(range(len(schema.metadata.tables))):
        try:
            schema.metadata.create_all(engine)
            return
        except DBAPIError as error:  # the other process won this table: look again, and make the next one
            lost = any(text in str(error.orig) for text in ("already exists", "duplicate key"))
            if not lost or left == 0:
                raise


def _create(engine: Engine) -> None:
    _create_tables(engine)
    with engine.begin() as connection:
        version = connection.execute(sa.select(sa.func.max(schema.schema_version.c.version))).scalar()
        if version is None:
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(schema.schema_version).values(version=schema.SCHEMA_VERSION))
            except IntegrityError:
                return
        elif version != schema.SCHEMA_VERSION:
            message = (
                f"ledger {engine.url!r}: expected schema version {schema.SCHEMA_VERSION}, found {version}; "
                "use the Penstock release that wrote it, or point penstock_ledger to a new database"
            )
            raise PenstockError(message)


def _insert_counts(connection: Connection, run_id: int, kind: str, counts: Mapping[str, int]) -> None:
    rows = [
        {"stage_run_id": run_id, "kind": kind, "reason": reason, "rows": n} for reason, n in counts.items()
    ]
    if rows:
        connection.execute(sa.insert(schema.drops), rows)


def _emit(
    connection: Connection,
    dataset: str,
    run_key: str,
    stage: str,
    attempt: str,
    kind: str,
    detail: Mapping[str, Any],
) -> None:
    values = {"dataset": dataset, "run_key": run_key, "stage": stage, "attempt": attempt, "kind": kind}
    connection.execute(sa.insert(schema.events).values(at=datetime.now(UTC), detail=dict(detail), **values))


def is_alive(origin: Mapping[str, Any], started_at: datetime) -> bool:
    """Return whether the process may still run; one of another host cannot be asked and counts as alive."""
    if origin.get("host") != socket.gethostname():
        return True
    try:
        process = psutil.Process(int(origin["pid"]))
        return (
            process.create_time() <= started_at.timestamp() + 1 and process.status() != psutil.STATUS_ZOMBIE
        )
    except (psutil.NoSuchProcess, KeyError, ValueError):
        return False
