"""Publish a trained model: only after its evaluation passed the gate, and under a name that never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from penstock.days import DAY, parse_run_key
from penstock.errors import CorruptionError
from penstock.manifest import Manifest, Zone
from penstock.model.artefact import EXTRA_KEY, ModelArtefact

if TYPE_CHECKING:
    from penstock.lake import Lake
    from penstock.stage import Run


def publish_model(run: Run, clean: Manifest, *, training_snapshot: Mapping[str, Any]) -> ModelArtefact | None:
    """Copy the model of ``clean`` to the published zone and record it; ``None`` when that manifest has none.

    Call it when the gate's verdict on the run is known to be good and its tables are published. The file's path holds
    its version, the version is its digest: a second call, or a second attempt at once, writes the same bytes. The
    ledger gets one row a version and day.

    Raises:
        CorruptionError: when the model's bytes are not those that the manifest names.
    """
    artefact = find_model(clean)
    if artefact is None:
        return None
    path = published_path(clean.dataset, artefact)
    _copy(run.lake, artefact, path)
    newest = run.ledger.newest_model(clean.dataset, before=_after(clean.run_key))
    if newest is None or (newest["run_key"], newest["version"]) != (clean.run_key, artefact.version):
        run.ledger.record_model(
            name=clean.dataset,
            version=artefact.version,
            run_key=clean.run_key,
            uri=run.lake.fs.unstrip_protocol(run.lake.full(path)),
            sha256=artefact.sha256,
            accepted=True,
            metrics=artefact.metrics.model_dump(mode="json"),
            training_snapshot=dict(training_snapshot),
        )
    return artefact


def find_model(clean: Manifest) -> ModelArtefact | None:
    """Return the model that the process stage of this run trained, if it trained one.

    Raises:
        CorruptionError: when the manifest names something else under that key.
    """
    written = clean.extra.get(EXTRA_KEY)
    if written is None:
        return None
    try:
        return ModelArtefact.model_validate(written)
    except ValidationError as error:
        message = (
            f"{clean.dataset} {clean.run_key}: expected a model's path, sha256 and metrics in the clean manifest's "
            f"extra, got {str(written)[:200]}; run the process stage again"
        )
        raise CorruptionError(message) from error


def published_path(dataset: str, artefact: ModelArtefact) -> str:
    """Return where the model lies, from the lake's root."""
    return f"{Zone.PUBLISHED}/{dataset}/model/{artefact.version}.npz"


def is_published(run: Run, clean: Manifest) -> bool:
    """Return whether the run's model, if it has one, is in the ledger and its file is there."""
    artefact = find_model(clean)
    if artefact is None:
        return True
    newest = run.ledger.newest_model(clean.dataset, before=_after(clean.run_key))
    is_known = newest is not None and (newest["run_key"], newest["version"]) == (
        clean.run_key,
        artefact.version,
    )
    return is_known and _is_intact(run.lake, published_path(clean.dataset, artefact), artefact.sha256)


def _copy(lake: Lake, artefact: ModelArtefact, path: str) -> None:
    if _is_intact(lake, path, artefact.sha256):
        return
    if lake.sha256(artefact.path) != artefact.sha256:
        message = (
            f"model: expected sha256 {artefact.sha256} as the clean manifest has it, got other bytes "
            f"({lake.full(artefact.path)}); run the process stage again: it rebuilds them"
        )
        raise CorruptionError(message, failed={"model_sha256": 1}, sample_uri=lake.full(artefact.path))
    with lake.open(artefact.path) as stream:
        lake.write_atomically(path, stream.read())


def _is_intact(lake: Lake, path: str, sha256: str) -> bool:
    try:
        return lake.sha256(path) == sha256
    except FileNotFoundError:
        return False


def _after(run_key: str) -> str:
    """Return the next day: the ledger asks for models of days *before* one."""
    return (parse_run_key(run_key) + DAY).isoformat()
