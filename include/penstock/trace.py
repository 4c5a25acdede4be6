"""Why a document is where it is: from its source, through every stage, to a table or to the reason it is gone.

Everything is read from the manifests' own files, so that the answer is what readers of the lake see; the ledger adds
which run it was. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.errors import CorruptionError, PenstockError
from penstock.lake import Lake
from penstock.locations import locate
from penstock.manifest import FileEntry, Manifest, Zone
from penstock.params import Params
from penstock.parquet_stream import ParquetStream
from penstock.receipt import Stage

if TYPE_CHECKING:
    from penstock.ledger import Ledger
    from penstock.ledger.views import RunDetail

MIN_PREFIX_CHARS = 6
TEXT_CHARS = 300
_STAGE_ZONES = {
    Stage.INGEST: Zone.LANDING,
    Stage.TRANSFER: Zone.RAW,
    Stage.PROCESS: Zone.CLEAN,
    Stage.VALIDATE: Zone.CHECKED,
    Stage.STORE: Zone.PUBLISHED,
}
_READ_STAGES = (Stage.TRANSFER, Stage.PROCESS, Stage.VALIDATE)
_NESTED_COLUMNS = {"provenance", "masked", "failed_expectations", "missing_readings"}
_NOT_SHOWN = {"doc_id", "run_key", "provenance", "text", "raw"}

CountInTable = Callable[[str, str, str, str], int | None]
"""How many rows of a table are a document: ``(dataset, table, run key, doc_id) -> rows``; ``None``: unknown."""


class Fate(StrEnum):
    """What became of a document on a day."""

    PUBLISHED = "published"
    DROPPED = "dropped"
    QUARANTINED = "quarantined"
    IN_PROGRESS = "in progress"
    LOST = "lost"


class UnknownDocumentError(PenstockError):
    """No published attempt holds the document."""


class AmbiguousDocumentError(PenstockError):
    """Several documents begin with what was given."""


class Origin(Params):
    """Where a document came from: the source, the landing file and the line in it (from 1)."""

    origin_uri: str | None = None
    landing_file: str | None = None
    line: int | None = None
    sha256: str | None = None
    provenance: dict[str, Any] = Field(default={})


class Passage(Params):
    """What one stage did with the document; ``where`` is the file of the lake that holds the row."""

    stage: Stage
    what: str
    detail: str = ""
    where: str | None = None
    attempt: str | None = None
    run_id: str | None = None
    at: datetime | None = None
    values: dict[str, Any] = Field(default={})


class TableRow(Params):
    """A table that the run published to; ``rows`` is how many rows of it are this document (``None``: not asked)."""

    table_name: str
    table_format: str
    snapshot_id: str
    rows: int | None = None


class DayTrace(Params):
    """The story of a document on one day; ``reason`` names the step, promise or stage that ended it."""

    dataset: str
    run_key: str
    fate: Fate
    reason: str | None = None
    duplicate_of: str | None = None
    text: str | None = None
    origin: Origin = Origin()
    passages: tuple[Passage, ...] = ()
    tables: tuple[TableRow, ...] = ()


class Trace(Params):
    """The stories of a document, newest day first; ``problems`` are files that could not be read."""

    doc_id: str
    days: tuple[DayTrace, ...]
    problems: tuple[str, ...] = ()


def trace(
    lake: Lake,
    doc_id: str,
    *,
    ledger: Ledger | None = None,
    dataset: str | None = None,
    run_key: str | None = None,
    count_in_table: CountInTable | None = None,
) -> Trace:
    """Return the story of the document whose id is, or alone begins with, ``doc_id``.

    Raises:
        AmbiguousDocumentError: naming some of the documents that begin so, or when it is too short.
        UnknownDocumentError: when no published attempt holds it.
    """
    wanted = doc_id.strip().lower()
    if len(wanted) < MIN_PREFIX_CHARS:
        message = f"doc_id: expected at least {MIN_PREFIX_CHARS} characters of it, got {doc_id!r}; give more of them"
        raise AmbiguousDocumentError(message)
    problems: list[str] = []
    days = [
        _Day(lake, name, key, ledger, problems)
        for name in _datasets(lake, dataset)
        for key in _run_keys(lake, name, run_key)
    ]
    days.sort(key=lambda day: (day.run_key, day.dataset), reverse=True)
    for day in days:
        day.search(wanted)
    exact = _one_document(wanted, {found for day in days for found in day.rows})
    if exact is None:
        raise UnknownDocumentError(_unknown(lake, doc_id, days, problems))
    stories = tuple(day.story(exact, count_in_table) for day in days if exact in day.rows)
    return Trace(doc_id=exact, days=stories, problems=tuple(problems))


def any_dropped(
    lake: Lake | None = None, *, dataset: str | None = None, run_key: str | None = None
) -> str | None:
    """Return the id of some document that a step dropped, of the newest day that has one; ``None`` without any.

    ``lake`` is by default the one of this process's environment.
    """
    lake = lake or locate().lake()
    for name in _datasets(lake, dataset):
        for key in reversed(_run_keys(lake, name, run_key)):
            manifest = lake.find_manifest(Zone.CLEAN, name, key)
            for entry in manifest.entries(Zone.DROPPED) if manifest else ():
                if entry.rows:
                    with lake.open(entry.path) as stream:
                        return str(ParquetStream(stream).read(columns=["doc_id"])["doc_id"][0])
    return None


def _datasets(lake: Lake, wanted: str | None) -> list[str]:
    if wanted is not None:
        return [wanted]
    return sorted({name for stage in _READ_STAGES for name in lake.datasets(_STAGE_ZONES[stage])})


def _run_keys(lake: Lake, dataset: str, wanted: str | None) -> list[str]:
    if wanted is not None:
        return [wanted]
    return sorted({key for stage in _READ_STAGES for key in lake.run_keys(_STAGE_ZONES[stage], dataset)})


def _one_document(wanted: str, found: set[str]) -> str | None:
    if wanted in found or len(found) < 2:
        return wanted if wanted in found else next(iter(found), None)
    some = ", ".join(sorted(found)[:5])
    message = (
        f"doc_id: expected the beginning of one document, got {wanted!r}, which {len(found)} have: {some}"
        f"{' ...' if len(found) > 5 else ''}; give more characters"
    )
    raise AmbiguousDocumentError(message)


def _unknown(lake: Lake, doc_id: str, days: list[_Day], problems: list[str]) -> str:
    searched = (
        f"{len(days)} runs of {len({day.dataset for day in days})} datasets" if days else "no run at all"
    )
    damaged = f"; {len(problems)} files could not be read: {problems[0]}" if problems else ""
    return (
        f"document {doc_id}: expected it in the lake {lake.uri}, searched {searched}, found nothing{damaged}; "
        "look at the id (column doc_id of a table), leave out --dataset and --run-key, or run the day that has it"
    )


@dataclass(frozen=True)
class _Found:
    """One row, and the file and manifest that hold it."""

    stage: Stage
    zone: Zone
    entry: FileEntry
    row: dict[str, Any]
    manifest: Manifest | None = None


@dataclass
class _Day:
    """One dataset on one day: its manifests, and what they say of the documents that fit."""

    lake: Lake
    dataset: str
    run_key: str
    ledger: Ledger | None
    problems: list[str]
    manifests: dict[Stage, Manifest] = field(default_factory=dict)
    rows: dict[str, list[_Found]] = field(default_factory=dict)
    detail: RunDetail | None = None

    def search(self, wanted: str) -> None:
        """Read the manifests and keep the rows whose ``doc_id`` begins with ``wanted``."""
        for stage, zone in _STAGE_ZONES.items():
            try:
                found = self.lake.find_manifest(zone, self.dataset, self.run_key)
            except CorruptionError as error:
                self.problems.append(str(error))
                continue
            if found is not None:
                self.manifests[stage] = found
        for stage in _READ_STAGES:
            manifest = self.manifests.get(stage)
            for zone in (_STAGE_ZONES[stage], Zone.DROPPED, Zone.QUARANTINE) if manifest else ():
                self._keep(stage, zone, manifest, manifest.entries(zone) if manifest else (), wanted)
        self._search_failed_gate(wanted)

    def _search_failed_gate(self, wanted: str) -> None:
        """Read the rows that a failed gate left as evidence: no manifest names them, the verdict does."""
        if self.ledger is None:
            return
        from penstock.ledger import views

        self.detail = views.run(self.ledger, self.dataset, self.run_key)
        verdict = self.detail.verdict if self.detail else None
        if verdict is None or verdict.verdict != "fail" or not verdict.sample_uri:
            return
        head = verdict.sample_uri.removeprefix("file://").removeprefix(f"{self.lake.root}/")
        paths = sorted(self.lake.fs.find(self.lake.full(head.lstrip("/"))))
        entries = [
            FileEntry(path=path.removeprefix(f"{self.lake.root}/"), bytes=0, sha256="")
            for path in paths
            if path.endswith(".parquet")
        ]
        self._keep(Stage.VALIDATE, Zone.QUARANTINE, None, entries, wanted)

    def _keep(
        self, stage: Stage, zone: Zone, manifest: Manifest | None, entries: Iterable[FileEntry], wanted: str
    ) -> None:
        for entry in entries:
            try:
                for row in _matching_rows(self.lake, entry.path, wanted):
                    found = _Found(stage, zone, entry, row, manifest)
                    self.rows.setdefault(str(row["doc_id"]), []).append(found)
            except (OSError, ValueError) as error:
                self.problems.append(
                    f"{entry.path}: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
                )

    def story(self, doc_id: str, count_in_table: CountInTable | None) -> DayTrace:
        """Put together what happened to one document."""
        rows = {(found.stage, found.zone): found for found in self.rows[doc_id]}
        raw = rows.get((Stage.TRANSFER, Zone.RAW)) or next(iter(rows.values()))
        passages = [self._ingested(raw), *(self._passage(found) for found in rows.values())]
        fate, reason = self._fate(rows)
        tables: tuple[TableRow, ...] = ()
        if fate is Fate.PUBLISHED:
            tables = self._tables(doc_id, count_in_table)
            passages.append(self._stored())
        left = rows.get((Stage.PROCESS, Zone.DROPPED))
        text = next((found.row["text"] for found in rows.values() if found.row.get("text")), None)
        return DayTrace(
            dataset=self.dataset,
            run_key=self.run_key,
            fate=fate,
            reason=reason,
            duplicate_of=_duplicate_of(left.row) if left else None,
            text=str(text)[:TEXT_CHARS] if text is not None else None,
            origin=self._origin(raw),
            passages=tuple(passages),
            tables=tables,
        )

    def _fate(self, rows: Mapping[tuple[Stage, Zone], _Found]) -> tuple[Fate, str]:
        for stage in _READ_STAGES:
            if left := rows.get((stage, Zone.DROPPED)):
                return Fate.DROPPED, _why_left(left)
            if left := rows.get((stage, Zone.QUARANTINE)):
                return Fate.QUARANTINED, _why_left(left)
        for stage, zone in (
            (Stage.PROCESS, Zone.RAW),
            (Stage.VALIDATE, Zone.CLEAN),
            (Stage.STORE, Zone.CHECKED),
        ):
            if not self._has_read_newest(stage, zone):
                return Fate.IN_PROGRESS, self._why_waiting(stage)
            if stage is not Stage.STORE and (stage, _STAGE_ZONES[stage]) not in rows:
                return Fate.LOST, f"{stage} read it and neither kept, dropped nor quarantined it"
        return Fate.PUBLISHED, "it passed every stage"

    def _has_read_newest(self, stage: Stage, parent: Zone) -> bool:
        """Return whether ``stage`` has published from what lies in ``parent`` now."""
        manifest = self.manifests.get(stage)
        before = next((m for m in self.manifests.values() if m.zone == parent), None)
        if manifest is None or before is None:
            return manifest is not None
        return any(p.zone == parent and p.fingerprint == before.fingerprint for p in manifest.parents)

    def _why_waiting(self, stage: Stage) -> str:
        stale = "has not run on the newest rows yet" if stage in self.manifests else "has not run yet"
        attempts = [run for run in self.detail.stages if run.stage == stage] if self.detail else []
        if attempts and attempts[0].state in {"failed", "killed", "running"}:
            state = attempts[0]
            return f"{stage} is {state.state}" + (f": {state.error}" if state.error else "")
        return f"{stage} {stale}"

    def _ingested(self, raw: _Found) -> Passage:
        origin = self._origin(raw)
        landing = self.manifests.get(Stage.INGEST)
        line = f", line {origin.line}" if origin.line is not None else ""
        detail = f"{origin.landing_file or 'unknown landing file'}{line}"
        return Passage(stage=Stage.INGEST, what="landed", detail=detail, **self._who(landing))

    def _passage(self, found: _Found) -> Passage:
        what = {Zone.DROPPED: "dropped", Zone.QUARANTINE: "quarantined"}.get(found.zone, "kept")
        if found.manifest is None:
            what = "stopped at the gate"
        detail = _why_left(found) if what != "kept" else ""
        values = {k: _short(v) for k, v in found.row.items() if k not in _NOT_SHOWN and v is not None}
        where = self.lake.full(found.entry.path)
        return Passage(
            stage=found.stage,
            what=what,
            detail=detail,
            where=where,
            values=values,
            **self._who(found.manifest),
        )

    def _stored(self) -> Passage:
        manifest = self.manifests[Stage.STORE]
        return Passage(stage=Stage.STORE, what="published", **self._who(manifest))

    def _who(self, manifest: Manifest | None) -> dict[str, Any]:
        if manifest is None:
            return {}
        attempts = (*self.detail.stages, *self.detail.history) if self.detail else ()
        run_id = next((run.origin.get("run_id") for run in attempts if run.attempt == manifest.attempt), None)
        return {"attempt": manifest.attempt, "at": manifest.finished_at, "run_id": run_id}

    def _origin(self, raw: _Found) -> Origin:
        said = raw.row.get("provenance") or {}
        landing = self.manifests.get(Stage.INGEST)
        files = landing.extra.get("files", {}) if landing else {}
        name = str(said.get("landing_file") or "")
        known = files.get(name) or files.get(name.rsplit("/", 1)[-1]) or {}
        return Origin(
            origin_uri=said.get("origin_uri") or known.get("origin_uri"),
            landing_file=said.get("landing_file"),
            line=said.get("line"),
            sha256=said.get("sha256"),
            provenance=known.get("provenance") or {},
        )

    def _tables(self, doc_id: str, count_in_table: CountInTable | None) -> tuple[TableRow, ...]:
        newest: dict[str, TableRow] = {}
        for snap in self.detail.snapshots if self.detail else ():
            if snap.table_name not in newest:
                rows = self._count(snap.table_name, doc_id, count_in_table) if count_in_table else None
                newest[snap.table_name] = TableRow(
                    table_name=snap.table_name,
                    table_format=snap.table_format,
                    snapshot_id=snap.snapshot_id,
                    rows=rows,
                )
        return tuple(newest.values())

    def _count(self, table_name: str, doc_id: str, count_in_table: CountInTable) -> int | None:
        return count_in_table(self.dataset, table_name.rsplit(".", 1)[-1], self.run_key, doc_id)


def _matching_rows(lake: Lake, path: str, wanted: str) -> Iterator[dict[str, Any]]:
    """Yield the rows whose ``doc_id`` begins with ``wanted``, without the columns that only machines read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if lake.fs.size(lake.full(path)) == 0:
        return
    with lake.open(path) as stream:
        file = ParquetStream(stream)
        if "doc_id" not in file.schema.names:
            return
        columns = [
            item.name
            for item in file.schema
            if not pa.types.is_nested(item.type) or item.name in _NESTED_COLUMNS
        ]
        for number in range(file.groups):
            is_wanted = pc.starts_with(file.group(number, columns=["doc_id"])["doc_id"], wanted)
            if pc.any(is_wanted).as_py():
                yield from file.group(number, columns=columns).filter(is_wanted).to_pylist()


def _why_left(found: _Found) -> str:
    """Return the reason in words, from the columns that each stage writes beside a row that it turned away."""
    row = found.row
    if broken := row.get("failed_expectations"):
        return f"breaks the promise {', '.join(map(str, broken))}"
    reason = (
        row.get("drop_reason") or row.get("reason") or row.get("quarantine_reason") or "no reason was kept"
    )
    step = row.get("drop_step")
    value = row.get("drop_value")
    detail = row.get("drop_detail") or row.get("detail") or row.get("error")
    text = f"step {step}: {reason}" if step else str(reason)
    text += f", value {_short(value)}" if value not in (None, "") else ""
    return text + (f" ({_short(detail)})" if detail not in (None, "") else "")


def _duplicate_of(row: Mapping[str, Any]) -> str | None:
    detail = row.get("drop_detail")
    return str(detail) if detail and "duplicate" in str(row.get("drop_reason")) else None


def _short(value: Any) -> Any:
    if isinstance(value, bytes):
        value = value[:TEXT_CHARS].decode("utf-8", errors="replace")
    if isinstance(value, str):
        return value if len(value) <= TEXT_CHARS else f"{value[:TEXT_CHARS]}..."
    return value
