"""What people ask the ledger: the grid of runs, one run whole, the newest attempts. Read only.

The UI page and the command line both ask here, so they cannot disagree. Every answer is a frozen model with
plain values; every query goes through an index, so that ten thousand runs answer as fast as ten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from penstock.ledger import schema
from penstock.ledger.answers import (
    Count,
    DeadlineView,
    EventView,
    ExpectationView,
    MaskedCount,
    ModelView,
    RunCell,
    RunDetail,
    SnapshotView,
    StageReceipt,
    StageRun,
    VerdictView,
)
from penstock.ledger.ledger import Ledger, is_alive
from penstock.params import Params
from penstock.receipt import Stage

__all__ = [
    "Count",
    "DeadlineView",
    "EventView",
    "ExpectationView",
    "MaskedCount",
    "ModelView",
    "RunCell",
    "RunDetail",
    "SnapshotView",
    "StageReceipt",
    "StageRun",
    "VerdictView",
    "counts",
    "datasets",
    "days",
    "deadlines",
    "events",
    "grid",
    "recent",
    "run",
    "verdicts",
]

_Model = TypeVar("_Model", bound=Params)
_GONE = "the process that ran this attempt is gone; nothing of it was published"
_NOT_IN_CELL = {"id", "fingerprint", "error", "receipt"}


def datasets(ledger: Ledger) -> list[str]:
    """Return the datasets that ever ran, by name.

    Hops through the index from each name to the next one: a plain DISTINCT would read every run.
    """
    column, found = schema.stage_runs.c.dataset, list[str]()
    with ledger.engine.connect() as connection:
        name = connection.execute(sa.select(sa.func.min(column))).scalar()
        while name is not None:
            found.append(name)
            name = connection.execute(sa.select(sa.func.min(column)).where(column > name)).scalar()
    return found


def days(
    ledger: Ledger,
    *,
    datasets: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int = 14,
) -> list[str]:
    """Return the newest ``limit`` run keys that have runs, newest first; both ends are included."""
    runs = schema.stage_runs
    query = sa.select(runs.c.run_key).distinct().order_by(runs.c.run_key.desc()).limit(limit)
    bounds = _between(runs, since=since, until=until)
    with ledger.engine.connect() as connection:
        if datasets is None:
            return list(connection.execute(query.where(*bounds)).scalars())
        # one short index scan a dataset; the newest of all are among the newest of each
        found = set[str]()
        for name in datasets:
            found |= set(connection.execute(query.where(runs.c.dataset == name, *bounds)).scalars())
    return sorted(found, reverse=True)[:limit]


def grid(ledger: Ledger, *, run_keys: Sequence[str], datasets: Sequence[str] | None = None) -> list[RunCell]:
    """Return every run of ``datasets`` (by default all) on the days ``run_keys``, newest day first."""
    if not run_keys:
        return []
    runs = schema.stage_runs
    where = [runs.c.run_key.in_(run_keys)]
    if datasets is not None:
        where.append(runs.c.dataset.in_(datasets))
    with ledger.engine.connect() as connection:
        newest = _newest_attempts(connection, where)
        late = _late_stages(connection, run_keys)
    cells: dict[tuple[str, str], list[StageRun]] = defaultdict(list)
    for row in newest:
        cells[row["dataset"], row["run_key"]].append(_stage_run(dict(row)))
    ordered = sorted(cells, key=lambda key: (key[1], key[0]), reverse=True)
    return [_cell(dataset, day, cells[dataset, day], late[dataset, day]) for dataset, day in ordered]


def run(ledger: Ledger, dataset: str, run_key: str) -> RunDetail | None:
    """Return one run whole, or ``None`` when that day of the dataset never ran."""
    with ledger.engine.connect() as connection:
        history = _history(connection, dataset, run_key)
        if not history:
            return None
        newest = _newest_of_each_stage(history)
        ids = {row["id"]: row for row in newest}
        deadlines = _rows(connection, schema.deadlines, dataset, run_key)
        receipts = tuple(_receipt(row) for row in newest)
        return RunDetail(
            dataset=dataset,
            run_key=run_key,
            cell=_cell(
                dataset, run_key, [_stage_run(row) for row in newest], [d["stage"] for d in deadlines]
            ),
            stages=receipts,
            history=tuple(_receipt(row) for row in history if row["id"] not in ids),
            counts=tuple(_counts(connection, ids)),
            masked=tuple(_masked(connection, ids)),
            verdict=_newest_verdict(connection, dataset, run_key),
            snapshots=_all(SnapshotView, _rows(connection, schema.snapshots, dataset, run_key)),
            deadlines=_all(DeadlineView, deadlines),
            models=_all(ModelView, _models(connection, dataset, run_key)),
        )


def recent(
    ledger: Ledger, *, dataset: str | None = None, run_key: str | None = None, limit: int = 20
) -> list[StageReceipt]:
    """Return the newest attempts of any stage, newest first."""
    runs = schema.stage_runs
    wanted = {"dataset": dataset, "run_key": run_key}
    where = [runs.c[name] == value for name, value in wanted.items() if value is not None]
    query = sa.select(runs).where(*where).order_by(runs.c.id.desc()).limit(limit)
    with ledger.engine.connect() as connection:
        return [_receipt(dict(row)) for row in connection.execute(query).mappings()]


def counts(
    ledger: Ledger,
    *,
    dataset: str | None = None,
    run_key: str | None = None,
    since: str | None = None,
    until: str | None = None,
    kind: str | None = None,
) -> list[Count]:
    """Return the rows that left, by reason, of the newest finished attempt of each stage; most rows first."""
    runs, drops = schema.stage_runs, schema.drops
    where = [runs.c.state.in_(["success", "unchanged"]), *_between(runs, since=since, until=until)]
    where += [runs.c[n] == v for n, v in {"dataset": dataset, "run_key": run_key}.items() if v is not None]
    newest = (
        sa.select(sa.func.max(runs.c.id)).where(*where).group_by(runs.c.dataset, runs.c.run_key, runs.c.stage)
    )
    columns = [runs.c.dataset, runs.c.run_key, runs.c.stage, drops.c.kind, drops.c.reason, drops.c.rows]
    query = sa.select(*columns).join(runs, runs.c.id == drops.c.stage_run_id).where(runs.c.id.in_(newest))
    if kind is not None:
        query = query.where(drops.c.kind == kind)
    with ledger.engine.connect() as connection:
        rows = connection.execute(query.order_by(drops.c.rows.desc(), drops.c.reason)).mappings()
        return [Count(**row) for row in rows]


def verdicts(
    ledger: Ledger, *, dataset: str | None = None, run_key: str | None = None, limit: int = 20
) -> list[VerdictView]:
    """Return the newest verdicts with their expectations, newest first."""
    table = schema.verdicts
    wanted = {"dataset": dataset, "run_key": run_key}
    where = [table.c[name] == value for name, value in wanted.items() if value is not None]
    query = sa.select(table).where(*where).order_by(table.c.id.desc()).limit(limit)
    with ledger.engine.connect() as connection:
        return [_verdict(connection, row) for row in connection.execute(query).mappings().all()]


def deadlines(
    ledger: Ledger, *, dataset: str | None = None, run_key: str | None = None, limit: int = 20
) -> list[DeadlineView]:
    """Return the newest missed deadlines, newest first."""
    return list(_all(DeadlineView, _newest(ledger, schema.deadlines, dataset, run_key, limit)))


def events(
    ledger: Ledger, *, dataset: str | None = None, run_key: str | None = None, limit: int = 40
) -> list[EventView]:
    """Return the newest state changes, newest first."""
    return list(_all(EventView, _newest(ledger, schema.events, dataset, run_key, limit)))


def _newest(
    ledger: Ledger, table: sa.Table, dataset: str | None, run_key: str | None, limit: int
) -> Sequence[RowMapping]:
    wanted = {"dataset": dataset, "run_key": run_key}
    where = [table.c[name] == value for name, value in wanted.items() if value is not None]
    query = sa.select(table).where(*where).order_by(table.c.id.desc()).limit(limit)
    with ledger.engine.connect() as connection:
        return connection.execute(query).mappings().all()


def _newest_attempts(connection: Connection, where: Sequence[sa.ColumnElement[bool]]) -> Sequence[RowMapping]:
    runs = schema.stage_runs
    newest = (
        sa.select(sa.func.max(runs.c.id).label("id"), sa.func.count().label("attempts"))
        .where(*where)
        .group_by(runs.c.dataset, runs.c.run_key, runs.c.stage)
        .subquery()
    )
    columns = [column for column in runs.c if column.name not in _NOT_IN_CELL]
    query = sa.select(*columns, newest.c.attempts).join(newest, newest.c.id == runs.c.id)
    return connection.execute(query).mappings().all()


def _late_stages(connection: Connection, run_keys: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    table = schema.deadlines
    query = sa.select(table.c.dataset, table.c.run_key, table.c.stage).where(table.c.run_key.in_(run_keys))
    late: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in connection.execute(query):
        late[row.dataset, row.run_key].append(row.stage)
    return late


def _history(connection: Connection, dataset: str, run_key: str) -> list[dict[str, Any]]:
    """Return all attempts, newest first, each with the number of attempts of its stage up to then."""
    runs = schema.stage_runs
    query = sa.select(runs).where(runs.c.dataset == dataset, runs.c.run_key == run_key).order_by(runs.c.id)
    seen: dict[str, int] = defaultdict(int)
    found = []
    for row in connection.execute(query).mappings():
        seen[row["stage"]] += 1
        found.append({**row, "attempts": seen[row["stage"]]})
    return found[::-1]


def _newest_of_each_stage(history: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    newest: dict[str, dict[str, Any]] = {}
    for row in history:
        newest.setdefault(row["stage"], row)
    return [newest[stage.value] for stage in Stage if stage.value in newest]


def _counts(connection: Connection, runs: Mapping[int, Mapping[str, Any]]) -> list[Count]:
    table = schema.drops
    query = (
        sa.select(table).where(table.c.stage_run_id.in_(runs)).order_by(table.c.rows.desc(), table.c.reason)
    )
    return [
        Count(kind=row["kind"], reason=row["reason"], rows=row["rows"], **_whose(runs[row["stage_run_id"]]))
        for row in connection.execute(query).mappings()
    ]


def _whose(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("dataset", "run_key", "stage")}


def _masked(connection: Connection, runs: Mapping[int, Mapping[str, Any]]) -> list[MaskedCount]:
    table = schema.masked
    query = sa.select(table).where(table.c.stage_run_id.in_(runs)).order_by(table.c.kind)
    return [
        MaskedCount(stage=runs[row["stage_run_id"]]["stage"], kind=row["kind"], count=row["count"])
        for row in connection.execute(query).mappings()
    ]


def _newest_verdict(connection: Connection, dataset: str, run_key: str) -> VerdictView | None:
    rows = _rows(connection, schema.verdicts, dataset, run_key)
    return _verdict(connection, rows[0]) if rows else None


def _verdict(connection: Connection, row: RowMapping) -> VerdictView:
    table = schema.expectations
    query = sa.select(table).where(table.c.verdict_id == row["id"]).order_by(table.c.position)
    expectations = _all(ExpectationView, connection.execute(query).mappings())
    values = {name: row[name] for name in VerdictView.model_fields if name != "expectations"}
    return VerdictView(**values, expectations=expectations)


def _models(connection: Connection, dataset: str, run_key: str) -> Sequence[RowMapping]:
    """Return what the run trained: a model's flow carries the model's name as its dataset."""
    table = schema.models
    query = sa.select(table).where(table.c.name == dataset, table.c.run_key == run_key)
    return connection.execute(query.order_by(table.c.id.desc())).mappings().all()


def _rows(connection: Connection, table: sa.Table, dataset: str, run_key: str) -> Sequence[RowMapping]:
    query = sa.select(table).where(table.c.dataset == dataset, table.c.run_key == run_key)
    return connection.execute(query.order_by(table.c.id.desc())).mappings().all()


def _all(model: type[_Model], rows: Iterable[RowMapping]) -> tuple[_Model, ...]:
    return tuple(model(**{name: row[name] for name in model.model_fields}) for row in rows)


def _cell(dataset: str, run_key: str, runs: Iterable[StageRun], late: Iterable[str]) -> RunCell:
    order = list(Stage)
    ordered = tuple(sorted(runs, key=lambda run: order.index(run.stage)))
    return RunCell(dataset=dataset, run_key=run_key, stages=ordered, late=tuple(sorted(set(late))))


def _stage_run(row: Mapping[str, Any]) -> StageRun:
    ended = _end(row)
    return StageRun(**{name: ended.get(name, row[name]) for name in StageRun.model_fields})


def _receipt(row: Mapping[str, Any]) -> StageReceipt:
    receipt = row["receipt"] or {}
    own = {name: row[name] for name in StageRun.model_fields if name in row}
    kept = ("manifest_uri", "code_version", "recipe_hash", "bytes_in", "notes", "details")
    said = {name: receipt[name] for name in kept if name in receipt}
    return StageReceipt(**{**own, "error": row["error"], "origin": row["origin"], **said, **_end(row)})


def _end(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what is different about an attempt that says ``running`` while its process is gone."""
    if row["state"] != "running" or is_alive(row["origin"], row["started_at"]):
        return {}
    return {"state": "killed", "error_kind": "Killed", "error": _GONE}


def _between(table: sa.Table, *, since: str | None, until: str | None) -> list[sa.ColumnElement[bool]]:
    bounds = []
    if since is not None:
        bounds.append(table.c.run_key >= since)
    if until is not None:
        bounds.append(table.c.run_key <= until)
    return bounds
