"""The answers of the ledger: frozen models with plain values, for the page and the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field, computed_field

from penstock.params import Params
from penstock.receipt import Stage


class StageRun(Params):
    """The newest attempt of one stage of one run; ``attempts`` counts the attempts up to it.

    A ``running`` attempt whose process is known to be gone reads ``killed``, as it will be recorded.
    """

    dataset: str
    run_key: str
    stage: Stage
    attempt: str
    attempts: int = 1
    state: str
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    rows_in: int | None
    rows_out: int | None
    rows_dropped: int | None
    rows_quarantined: int | None
    bytes_out: int | None
    verdict: str | None
    error_kind: str | None


class RunCell(Params):
    """One dataset on one day: its stages that ever started, in their order, and those that were late."""

    dataset: str
    run_key: str
    stages: tuple[StageRun, ...]
    late: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> str:
        """``running``, ``failed``, ``done`` (it was stored) or ``partial`` (nothing runs, nothing failed)."""
        states = {run.stage: run.state for run in self.stages}
        if "running" in states.values():
            return "running"
        if {"failed", "killed"} & set(states.values()):
            return "failed"
        return "done" if states.get(Stage.STORE) in {"success", "unchanged"} else "partial"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> str | None:
        """What the gate said last: pass, warn, fail or nothing yet."""
        return next((run.verdict for run in self.stages if run.stage == Stage.VALIDATE), None)


class StageReceipt(StageRun):
    """An attempt with all that its receipt and its end say.

    ``origin`` has host and pid and, from Airflow, dag_id, run_id and try_number; ``bytes_in`` is in bytes.
    """

    error: str | None
    origin: dict[str, Any]
    manifest_uri: str | None = None
    code_version: str | None = None
    recipe_hash: str | None = None
    bytes_in: int | None = None
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)


class Count(Params):
    """Rows that left a run: ``kind`` is dropped or quarantined, ``reason`` a reason or an expectation."""

    dataset: str
    run_key: str
    stage: Stage
    kind: str
    reason: str
    rows: int


class MaskedCount(Params):
    """How many values of a kind (e-mail, phone …) were masked."""

    stage: Stage
    kind: str
    count: int


class ExpectationView(Params):
    """One promise and what was observed; ``severity`` is critical, warning or info."""

    name: str
    expectation_type: str
    column_name: str | None
    severity: str
    success: bool
    observed: Any
    unexpected_rows: int | None
    checked_rows: int | None
    reason: str | None


class VerdictView(Params):
    """A verdict with its evidence."""

    dataset: str
    run_key: str
    attempt: str
    fingerprint: str
    verdict: str
    at: datetime
    docs_uri: str | None
    sample_uri: str | None
    expectations: tuple[ExpectationView, ...] = ()


class SnapshotView(Params):
    """A published table snapshot."""

    table_name: str
    table_format: str
    snapshot_id: str
    rows: int
    verdict: str
    attempt: str
    at: datetime


class DeadlineView(Params):
    """A missed deadline; ``lateness_seconds`` grows until the stage finishes."""

    dataset: str
    run_key: str
    stage: str
    due_at: datetime
    noticed_at: datetime
    finished_at: datetime | None
    lateness_seconds: float
    cause: str
    notified: str
    run_id: str


class EventView(Params):
    """A state change of a stage: started, finished, unchanged, failed, killed, deadline_missed."""

    at: datetime
    dataset: str
    run_key: str
    stage: str
    attempt: str
    kind: str
    detail: dict[str, Any]


class ModelView(Params):
    """A model that was trained on the days up to the run's."""

    name: str
    version: str
    accepted: bool
    metrics: dict[str, Any]
    uri: str
    at: datetime


class RunDetail(Params):
    """One dataset on one day, whole: the newest attempt of each stage, earlier ones, and all they left."""

    dataset: str
    run_key: str
    cell: RunCell
    stages: tuple[StageReceipt, ...]
    history: tuple[StageReceipt, ...]
    counts: tuple[Count, ...]
    masked: tuple[MaskedCount, ...]
    verdict: VerdictView | None
    snapshots: tuple[SnapshotView, ...]
    deadlines: tuple[DeadlineView, ...]
    models: tuple[ModelView, ...]
