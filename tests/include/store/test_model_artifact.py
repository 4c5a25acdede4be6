from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import CorruptionError
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.manifest import FileEntry, Manifest, Zone
from penstock.model.artefact import ModelArtefact
from penstock.model.spec import Metrics, Score
from penstock.receipt import Outcome
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.store.model_artifact import find_model, is_published, publish_model

METRICS = Metrics(train_rows=8, held_back=Score(rows=2, accuracy=1.0, majority=0.5))
SNAPSHOTS = {"2026-11-16.jsonl": {"penstock.opinion_text.labeled_table": "17"}}


@pytest.fixture
def model_run(run_of: Callable[..., Run]) -> Callable[[], Run]:
    source = {"kind": "folder", "path": "nowhere"}
    recipe = Recipe.model_validate(
        {"dataset": "opinion_model", "start": "2026-11-10", "ingest": {"source": source}, "store": {}}
    )
    return lambda: run_of(recipe, "2026-11-16")


@pytest.fixture
def train(lake: Lake) -> Callable[..., Manifest]:
    """Leave a model as the process stage does, and return the clean manifest."""

    def make(content: bytes = b"weights", run_key: str = "2026-11-16", **extra: Any) -> Manifest:
        attempt = lake.attempt(Zone.CLEAN, "opinion_model", run_key, f"process-{len(content)}")
        with attempt.create("model.npz", zone=Zone.ARTEFACT) as stream:
            stream.write(content)
        entry: FileEntry = attempt.files[0]
        artefact = ModelArtefact(path=entry.path, sha256=entry.sha256, metrics=METRICS)
        now = datetime.now(UTC)
        manifest = Manifest(
            zone=Zone.CLEAN,
            dataset="opinion_model",
            run_key=run_key,
            attempt=attempt.id,
            fingerprint="f" * 64,
            files=tuple(attempt.files),
            recipe_hash="r",
            code_version="c",
            started_at=now,
            finished_at=now,
            outcome=Outcome(rows_in=0, rows_out=0),
            extra=extra or {"model": artefact.model_dump(mode="json")},
        )
        lake.publish(manifest)
        return manifest

    return make


Train = Callable[..., Manifest]
ModelRun = Callable[[], Run]


def test_a_published_model_is_found_by_later_days_with_its_bytes(
    model_run: ModelRun, train: Train, ledger: Ledger
) -> None:
    published = publish_model(model_run(), train(), training_snapshot=SNAPSHOTS)
    found = ledger.newest_model("opinion_model", before="2026-11-17")
    assert published is not None
    assert found is not None
    content = Path(str(found["uri"]).removeprefix("file://")).read_bytes()
    assert (content, found["sha256"]) == (b"weights", hashlib.sha256(b"weights").hexdigest())
    assert (found["version"], found["run_key"], found["accepted"]) == (published.version, "2026-11-16", True)
    assert found["metrics"]["held_back"]["accuracy"] == 1.0
    assert found["training_snapshot"] == SNAPSHOTS


def test_the_day_that_a_model_was_trained_on_does_not_get_it(
    model_run: ModelRun, train: Train, ledger: Ledger
) -> None:
    publish_model(model_run(), train(), training_snapshot={})
    assert ledger.newest_model("opinion_model", before="2026-11-16") is None


def test_publishing_again_changes_nothing(
    model_run: ModelRun, train: Train, ledger: Ledger, lake: Lake
) -> None:
    clean = train()
    publish_model(model_run(), clean, training_snapshot={})
    first = ledger.newest_model("opinion_model", before="2026-11-17")
    publish_model(model_run(), clean, training_snapshot={})
    assert ledger.newest_model("opinion_model", before="2026-11-17") == first
    assert len(lake.fs.find(lake.full("05_published/opinion_model/model"))) == 1


def test_another_training_of_the_day_replaces_the_model_and_keeps_the_old_file(
    model_run: ModelRun, train: Train, ledger: Ledger, lake: Lake
) -> None:
    publish_model(model_run(), train(b"first"), training_snapshot={})
    newer = publish_model(model_run(), train(b"second"), training_snapshot={})
    found = ledger.newest_model("opinion_model", before="2026-11-17")
    assert newer is not None
    assert found is not None
    assert found["version"] == newer.version
    assert len(lake.fs.find(lake.full("05_published/opinion_model/model"))) == 2


def test_a_dataset_without_a_model_publishes_none(model_run: ModelRun, train: Train, ledger: Ledger) -> None:
    clean = train(other="thing")
    assert publish_model(model_run(), clean, training_snapshot={}) is None
    assert is_published(model_run(), clean)
    assert ledger.newest_model("opinion_model", before="9999-12-31") is None


def test_changed_bytes_are_not_published(
    model_run: ModelRun, train: Train, ledger: Ledger, lake: Lake
) -> None:
    clean = train()
    Path(lake.full(clean.files[0].path)).write_bytes(b"changed")
    with pytest.raises(CorruptionError, match="expected sha256"):
        publish_model(model_run(), clean, training_snapshot={})
    assert ledger.newest_model("opinion_model", before="2026-11-17") is None
    assert not lake.fs.exists(lake.full("05_published/opinion_model/model"))


def test_a_damaged_published_file_is_noticed_and_mended(
    model_run: ModelRun, train: Train, lake: Lake
) -> None:
    clean, run = train(), model_run()
    assert not is_published(run, clean)
    publish_model(run, clean, training_snapshot={})
    assert is_published(run, clean)
    file = Path(lake.fs.find(lake.full("05_published/opinion_model/model"))[0])
    file.write_bytes(b"damaged")
    assert not is_published(run, clean)
    publish_model(run, clean, training_snapshot={})
    assert file.read_bytes() == b"weights"


@pytest.mark.parametrize("garbage", ["text", {}, {"path": "p"}, 3])
def test_refuses_a_manifest_that_names_something_else(garbage: object, train: Train) -> None:
    with pytest.raises(CorruptionError, match="expected a model's path, sha256 and metrics"):
        find_model(train(model=garbage))
