"""Stage 5, store: publish a day's checked rows as one version of each table.

The tables of a run are staged first and committed last, close together; the manifest, written after them, names one
version of each, and a reader who needs them to agree pins those. A crash between two commits is healed by the next
attempt: what is committed is recognised by its fingerprint and kept.
"""

from __future__ import annotations

import difflib
import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from penstock.errors import ConservationError, RecipeError
from penstock.manifest import Manifest, Zone
from penstock.receipt import Outcome, Receipt, Stage, Verdict
from penstock.report.write import attach_card
from penstock.stage import Run, StageSpec, perform
from penstock.store.admission import admit
from penstock.store.catalog import configure
from penstock.store.columns import DAY_COLUMN
from penstock.store.duplicate_index import is_indexed, publish_index
from penstock.store.format import SNAPSHOTS_KEY, Snapshot, Target, read_snapshots
from penstock.store.model_artifact import is_published, publish_model
from penstock.store.section import TableSpec

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from penstock.lake import Attempt

logger = logging.getLogger(__name__)


def store(run: Run) -> Receipt:
    """Publish the checked rows of a day, replacing what that day had and nothing else.

    Raises:
        ContractError: when the rows did not pass the gate, were changed, or do not fit the tables; nothing of them
            is published.
        SourceError: when other writers of the tables won too often.
    """
    publication = Publication(run, run.upstream(Zone.CHECKED))
    spec = StageSpec(
        stage=Stage.STORE,
        zone=Zone.PUBLISHED,
        parents=(publication.checked,),
        inputs=run.recipe.store.inputs(),
        is_reusable=publication.is_complete,
        extra=lambda: {SNAPSHOTS_KEY: [s.model_dump(mode="json") for s in publication.snapshots]},
    )
    return perform(run, spec, publication.work)


class Publication:
    """The publication of one day's checked rows."""

    def __init__(self, run: Run, checked: Manifest) -> None:
        self.run, self.checked = run, checked
        self.section = run.recipe.store
        self.format = self.section.format
        self.snapshots: list[Snapshot] = []
        self.notes: list[str] = []

    @cached_property
    def spark(self) -> SparkSession:
        """The run's session, which knows the catalog; opened at first use."""
        session = self.run.session()
        configure(session, self.run.catalog)
        return session

    def is_complete(self, published: Manifest) -> bool:
        """Return whether every table still holds what ``published`` pins; refuses rows that did not pass the gate."""
        admit(self.run, self.checked)
        pinned = {snapshot.table: snapshot for snapshot in read_snapshots(published)}
        targets = [self._target(table, published.fingerprint, published.attempt) for table in self._tables()]
        if set(pinned) != {target.table for target in targets} and self.checked.entries():
            return False
        held = all(
            self.format.holds(self.spark, target, pinned[target.table])
            for target in targets
            if target.table in pinned
        )
        clean = self.run.upstream(Zone.CLEAN)
        return held and is_published(self.run, clean) and is_indexed(self.run.lake, clean)

    def work(self, attempt: Attempt, fingerprint: str) -> Outcome:
        """Stage every table, then commit every table, then count what readers get."""
        verdict = admit(self.run, self.checked)
        frames = self._frames(attempt, fingerprint, verdict)
        self._clear_the_dead(list(frames))
        self.snapshots = self._publish(frames)
        for snapshot, target in zip(self.snapshots, frames, strict=True):
            attempt.files += self.format.files(target, snapshot)
            self._record(snapshot, attempt, verdict)
        self._publish_model()
        self.notes += publish_index(self.run.lake, self.run.upstream(Zone.CLEAN), self.checked)
        if self.snapshots and not any(snapshot.created for snapshot in self.snapshots):
            self.notes.append("the tables held these rows already: no new snapshot")
        card = attach_card(self.run, self.checked, self.snapshots, attempt.id)
        self.notes += [card] if card else []
        rows = self.checked.outcome.rows_out
        return Outcome(
            rows_in=rows,
            rows_out=self.snapshots[0].rows if self.snapshots else rows,
            bytes_in=self.checked.bytes,
            verdict=verdict,
            notes=tuple(self.notes),
            details={"tables": {snapshot.name: snapshot.snapshot_id for snapshot in self.snapshots}},
        )

    def _tables(self) -> tuple[TableSpec, ...]:
        return self.section.tables_of(self.run.recipe.dataset)

    def _target(self, table: TableSpec, fingerprint: str, attempt_id: str) -> Target:
        dataset = self.run.recipe.dataset
        return Target(
            lake=self.run.lake,
            dataset=dataset,
            namespace=self.section.namespace or dataset,
            table=table.name,
            run_key=self.run.run_key,
            fingerprint=fingerprint,
            attempt_id=attempt_id,
        )

    def _frames(self, attempt: Attempt, fingerprint: str, verdict: Verdict) -> dict[Target, DataFrame]:
        """Return each table's rows of the day."""
        properties = {
            "penstock.run_key": self.run.run_key,
            "penstock.recipe_hash": self.run.recipe.digest,
            "penstock.verdict": verdict.value,
            "penstock.fingerprint": fingerprint,
            "penstock.attempt": attempt.id,
        }
        uris = [self.run.lake.spark_uri(entry.path) for entry in self.checked.entries()]
        checked = self.spark.read.parquet(*uris) if uris else None
        frames: dict[Target, DataFrame] = {}
        for table in self._tables():
            target = replace(self._target(table, fingerprint, attempt.id), properties=properties)
            frame = self._nothing(target) if checked is None else self._select(checked, table)
            if frame is not None:
                frames[target] = frame
        return frames

    def _nothing(self, target: Target) -> DataFrame | None:
        """Return no rows of a table, for a day without files; a table that does not exist yet stays so."""
        if not self.format.exists(self.spark, target):
            self.notes.append(f"{target.table}: not created, this day has no rows and no columns")
            return None
        return self.spark.table(self.format.name_of(target)).drop(DAY_COLUMN).limit(0)

    def _select(self, checked: DataFrame, table: TableSpec) -> DataFrame:
        names = list(table.columns) or checked.columns
        missing = [name for name in names if name not in checked.columns]
        if not missing and DAY_COLUMN not in names:
            return checked.select(*[f"`{name}`" for name in names])
        where = f"recipe {self.run.recipe.dataset}: store.tables {table.name}"
        if not missing:
            message = (
                f"{where}: expected checked rows without a column {DAY_COLUMN!r}, which store makes from the run key; "
                "list the table's columns, or rename that one in the process section"
            )
            raise RecipeError(message)
        near = difflib.get_close_matches(missing[0], checked.columns, n=1)
        hint = f"did you mean {near[0]}?" if near else f"columns: {', '.join(checked.columns)}"
        message = (
            f"{where}: expected the columns {', '.join(missing)} in the checked rows, found none; {hint}"
        )
        raise RecipeError(message)

    def _clear_the_dead(self, targets: list[Target]) -> None:
        """Remove what killed attempts staged."""
        dead = self.run.ledger.killed_attempts(self.run.recipe.dataset, self.run.run_key, Stage.STORE)
        for target in targets if dead else ():
            if self.format.exists(self.spark, target):
                for attempt_id in dead:
                    self.format.discard(self.spark, target, attempt_id)

    def _publish(self, frames: dict[Target, DataFrame]) -> list[Snapshot]:
        done: dict[Target, Snapshot] = {}
        staged: list[Target] = []
        try:
            for target, frame in frames.items():
                self.notes += self.format.prepare(self.spark, target, frame)
                there = self.format.current(self.spark, target)
                if there is not None:
                    done[target] = there
                    continue
                staged.append(target)
                self.format.stage(self.spark, target, frame)
                self._check(target, self.format.staged_rows(self.spark, target), "staged")
            for target in staged:
                done[target] = self.format.commit(self.spark, target, frames[target])
        except BaseException:
            self._discard([target for target in staged if target not in done])
            raise
        return [self._counted(target, done[target]) for target in frames]

    def _counted(self, target: Target, snapshot: Snapshot) -> Snapshot:
        rows = self.format.count(self.spark, target, snapshot)
        self._check(target, rows, "published")
        return snapshot.model_copy(update={"rows": rows})

    def _check(self, target: Target, rows: int, what: str) -> None:
        expected = self.checked.outcome.rows_out
        if rows != expected:
            message = (
                f"{target.dataset} {target.run_key} store: expected {expected} rows {what} in table "
                f"{self.format.name_of(target)}, as many as were checked, the table has {rows}; the manifest was not "
                "written: clear the store task, and look who else writes to that table"
            )
            raise ConservationError(message, failed={target.table: expected - rows})

    def _discard(self, targets: list[Target]) -> None:
        """Remove what was staged; when that fails too, the first error is the one to tell."""
        for target in targets:
            try:
                self.format.discard(self.spark, target, target.attempt_id)
            except Exception:
                logger.exception("could not remove what was staged for %s", target.identifier)

    def _record(self, snapshot: Snapshot, attempt: Attempt, verdict: Verdict) -> None:
        self.run.ledger.record_snapshot(
            dataset=self.run.recipe.dataset,
            run_key=self.run.run_key,
            attempt=attempt.id,
            table_name=snapshot.name,
            table_format=snapshot.format,
            snapshot_id=snapshot.snapshot_id,
            rows=snapshot.rows,
            verdict=verdict.value,
        )

    def _publish_model(self) -> None:
        landing = self.run.lake.find_manifest(Zone.LANDING, self.run.recipe.dataset, self.run.run_key)
        files: dict[str, Any] = landing.extra.get("files", {}) if landing else {}
        read = {name: file.get("provenance", {}).get("snapshots") for name, file in files.items()}
        training = {name: snapshots for name, snapshots in read.items() if snapshots}
        model = publish_model(self.run, self.run.upstream(Zone.CLEAN), training_snapshot=training)
        if model is not None:
            self.notes.append(f"model {self.run.recipe.dataset} {model.version} was published")
