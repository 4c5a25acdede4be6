"""The frame around every stage: attempt, fingerprint, balance, manifest, receipt, ledger.

A stage's own work gets an `Attempt` to write into and returns an `Outcome`; everything that makes a run all-or-nothing
and repeatable is done here, once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from penstock.errors import ContractError, CorruptionError, RecipeError
from penstock.lake import Attempt, Lake
from penstock.ledger import Ledger
from penstock.manifest import Manifest, ParentRef, Zone
from penstock.receipt import Outcome, Receipt, Stage, Verdict, check_balance
from penstock.version import code_version

if TYPE_CHECKING:
    from pydantic import SecretStr
    from pyspark.sql import SparkSession

    from penstock.locations import ConnLike
    from penstock.recipe import Recipe  # only for the type: the recipe's sections import the stages' packages

logger = logging.getLogger(__name__)

Work = Callable[[Attempt, str], Outcome]


@dataclass(frozen=True)
class Run:
    """One run of a dataset's flow for one day, and the places it works with.

    ``spark`` opens (or returns) the session; it is called only when a stage has work to do. ``catalog`` holds the
    Spark settings of the table catalog. ``origin`` says who runs (Airflow's run id, try number …), for the ledger.
    ``secrets`` returns the password of a connection, or ``None`` when there is no such connection; it is asked only
    when a step of the recipe uses one. ``connections`` returns a whole one, for a source that names it.
    """

    recipe: Recipe
    run_key: str
    lake: Lake
    ledger: Ledger
    spark: Callable[[], SparkSession] | None = None
    catalog: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    secrets: Callable[[str], SecretStr | None] | None = None
    connections: Callable[[str], ConnLike | None] | None = None

    def session(self) -> SparkSession:
        """Return the Spark session, which knows how to open the lake.

        Raises:
            ContractError: when the run was made without an engine.
        """
        if self.spark is None:
            message = (
                f"{self.recipe.dataset} {self.run_key}: expected a Spark session, the run was made without one; "
                "pass spark=... to Run"
            )
            raise ContractError(message)
        session = self.spark()
        for name, value in self.lake.spark_settings().items():
            session.conf.set(name, value)
        return session

    def secret(self, name: str) -> SecretStr:
        """Return the password of a connection.

        Raises:
            RecipeError: when there is none.
        """
        found = self.secrets(name) if self.secrets else None
        if found is None or not found.get_secret_value():
            message = (
                f"recipe {self.recipe.dataset}: expected the connection {name} with a password, found none; define "
                f"it in Airflow (or {name.upper()} in the environment of a command), see docs/pii.md"
            )
            raise RecipeError(message)
        return found

    def connection(self, name: str) -> ConnLike:
        """Return the connection that a source names.

        Raises:
            RecipeError: when there is none.
        """
        found = self.connections(name) if self.connections else None
        if found is None:
            message = (
                f"recipe {self.recipe.dataset}: expected the connection {name} (ingest.source.connection), found none; "
                f"define it in Airflow, or as AIRFLOW_CONN_{name.upper()} in the environment, see docs/web_text.md"
            )
            raise RecipeError(message)
        return found

    def upstream(self, zone: Zone) -> Manifest:
        """Return what the stage before published for this run."""
        return self.lake.manifest(zone, self.recipe.dataset, self.run_key)


@dataclass(frozen=True)
class StageSpec:
    """What the frame must know of a stage's run.

    ``inputs`` is everything besides parents and code that decides the rows (the section's parameters, a model's
    version …). ``fingerprint_from_files`` is for ingest, whose rows are known only when they have come.
    ``is_reusable`` may refuse a published manifest that fits (a table without its snapshot, a lost verdict).
    """

    stage: Stage
    zone: Zone
    parents: Sequence[Manifest] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    fingerprint_from_files: bool = False
    is_reusable: Callable[[Manifest], bool] = lambda _manifest: True
    extra: Callable[[], Mapping[str, Any]] = dict


def perform(run: Run, spec: StageSpec, work: Work) -> Receipt:
    """Run one stage and return its receipt.

    When the same inputs, parameters and code have already been published and every file is intact, nothing is
    done and the receipt says ``unchanged``.

    Raises:
        RecipeError, SourceError, ContractError: as the work does; then nothing was published.
    """
    attempt = _begin(run, spec)
    started_at, clock = datetime.now(UTC), time.perf_counter()
    try:
        run.lake.check()
        manifest, unchanged = _reuse_or_work(run, spec, work, attempt, started_at)
    except BaseException as error:
        _abandon(run, attempt, error)
        raise
    receipt = _receipt(run, spec.stage, manifest, attempt.id, unchanged=unchanged).model_copy(
        update={"started_at": started_at, "seconds": time.perf_counter() - clock}
    )
    run.ledger.finish(receipt)
    logger.info("%s", _one_line(receipt))
    return receipt


def _begin(run: Run, spec: StageSpec) -> Attempt:
    try_number = run.origin.get("try_number", 1)
    attempt_id = f"{spec.stage}-{try_number}-{secrets.token_hex(5)}"
    dataset, run_key = run.recipe.dataset, run.run_key
    run.ledger.start(
        dataset=dataset, run_key=run_key, stage=spec.stage, attempt=attempt_id, origin=run.origin
    )
    for dead in run.ledger.killed_attempts(dataset, run_key, spec.stage):
        run.lake.attempt(spec.zone, dataset, run_key, dead).discard()
    return run.lake.attempt(spec.zone, dataset, run_key, attempt_id)


def _reuse_or_work(
    run: Run, spec: StageSpec, work: Work, attempt: Attempt, started_at: datetime
) -> tuple[Manifest, bool]:
    fingerprint = "" if spec.fingerprint_from_files else fingerprint_of(run, spec)
    published = _published(run, spec)
    if published and published.fingerprint == fingerprint:
        return published, True
    for parent in spec.parents:
        run.lake.verify(parent)
    outcome = work(attempt, fingerprint)
    check_balance(spec.stage, run.recipe.dataset, run.run_key, outcome)
    if spec.fingerprint_from_files:
        fingerprint = fingerprint_of(
            run, spec, [f"{attempt.name_of(entry)}:{entry.sha256}" for entry in attempt.files]
        )
        if published and published.fingerprint == fingerprint:
            attempt.discard()
            return published, True
    manifest = Manifest(
        zone=spec.zone,
        dataset=run.recipe.dataset,
        run_key=run.run_key,
        attempt=attempt.id,
        fingerprint=fingerprint,
        parents=tuple(
            ParentRef(zone=p.zone, manifest_sha256=p.sha256, fingerprint=p.fingerprint) for p in spec.parents
        ),
        files=tuple(attempt.files),
        recipe_hash=run.recipe.digest,
        code_version=code_version(),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        outcome=outcome,
        extra=dict(spec.extra()),
    )
    run.lake.publish(manifest)
    return manifest, False


def _published(run: Run, spec: StageSpec) -> Manifest | None:
    """Return the published manifest if it can be trusted whole; a damaged one is rebuilt, and that is said."""
    try:
        found = run.lake.find_manifest(spec.zone, run.recipe.dataset, run.run_key)
        if found is not None:
            run.lake.verify(found)
    except CorruptionError as error:
        logger.warning("%s", error)
        return None
    return found if found is not None and spec.is_reusable(found) else None


def fingerprint_of(run: Run, spec: StageSpec, content: Sequence[str] = ()) -> str:
    """Return the name of the rows that this stage makes: parents, parameters, code, day and, for ingest, content."""
    parts = {
        "stage": spec.stage,
        "dataset": run.recipe.dataset,
        "run_key": run.run_key,
        "parents": [parent.fingerprint for parent in spec.parents],
        "inputs": spec.inputs,
        "content": sorted(content),
        "code": code_version(),
    }
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _abandon(run: Run, attempt: Attempt, error: BaseException) -> None:
    """Remove what a failed attempt wrote (the evidence of a broken contract stays) and say so in the ledger."""
    try:
        if not (isinstance(error, ContractError) and error.sample_uri):
            attempt.discard()
    except Exception:  # whatever a store raises: what made the stage fail must reach the ledger
        logger.exception("could not remove the failed attempt %s; penstock lake gc does", attempt.id)
    verdict = Verdict.FAIL if isinstance(error, ContractError) else None
    run.ledger.fail(attempt=attempt.id, error=error, verdict=verdict)


def _receipt(run: Run, stage: Stage, manifest: Manifest, attempt_id: str, *, unchanged: bool) -> Receipt:
    return Receipt(
        **manifest.outcome.model_dump(),
        stage=stage,
        dataset=manifest.dataset,
        run_key=manifest.run_key,
        attempt=attempt_id,
        manifest_uri=run.lake.full(run.lake.manifest_path(manifest.zone, manifest.dataset, manifest.run_key)),
        manifest_sha256=manifest.sha256,
        fingerprint=manifest.fingerprint,
        bytes_out=manifest.bytes,
        recipe_hash=manifest.recipe_hash,
        code_version=manifest.code_version,
        started_at=manifest.started_at,
        finished_at=datetime.now(UTC),
        seconds=0,
        unchanged=unchanged,
    )


def _one_line(receipt: Receipt) -> str:
    dropped, quarantined = sum(receipt.dropped.values()), sum(receipt.quarantined.values())
    verdict = f", verdict {receipt.verdict}" if receipt.verdict else ""
    state = "unchanged" if receipt.unchanged else "done"
    return (
        f"{receipt.stage} {receipt.dataset} {receipt.run_key} {state}: {receipt.rows_in} rows in, "
        f"{receipt.rows_out} out, {dropped} dropped, {quarantined} quarantined{verdict}, {receipt.seconds:.1f} s"
    )
