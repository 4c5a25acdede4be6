from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from penstock.errors import ContractError
from penstock.lake import Attempt, Lake
from penstock.manifest import Zone
from penstock.model.artefact import ModelArtefact
from penstock.model.classifier import Classifier
from penstock.model.packed import pack
from penstock.model.spec import FeatureSpec, TrainingParams
from penstock.process import audit
from penstock.process.step import Context, FrameContext
from penstock.process.train import TrainSentiment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

STEP = TrainSentiment(training=TrainingParams(features=FeatureSpec(buckets=64, bert_dimensions=2)))
LABELS = ("positive", "negative", "neutral")
Row = dict[str, Any]


def labelled(rows: int = 150) -> list[Row]:
    """Return raw rows as transfer leaves them: the class is one n-gram, each text its own."""
    made = []
    for number in range(rows):
        kind = number % 3
        made.append(
            {
                "doc_id": f"raw{number:04d}",
                "original_doc_id": f"doc{number:04d}",
                "source": ("tweets", "shops")[number % 2],
                "lang": ("en", "zh")[number % 2],
                "text": f"opinion number {number}",
                "label": LABELS[kind],
                "day": "2026-11-10",
                "ngram_indices": _one(np.array([kind, 10 + number % 50]), pa.int32()),
                "ngram_values": _one(np.array([0.8, 0.6]), pa.float32()),
                "bert": _one(np.array([0.6, 0.8]), pa.float32()) if number % 2 == 0 else None,
            }
        )
    return made


def _one(numbers: np.ndarray, kind: pa.DataType) -> str | None:
    return pack(pa.array([numbers.tolist()], pa.list_(kind)))[0]


@pytest.fixture
def attempt(lake: Lake) -> Attempt:
    return lake.attempt(Zone.CLEAN, "opinion_model", "2026-11-10", "process-1-a")


@pytest.fixture
def context(attempt: Attempt) -> FrameContext:
    return FrameContext(run=Context(dataset="opinion_model", run_key="2026-11-10"), attempt=attempt)


@pytest.fixture
def frame_of(spark: SparkSession) -> Callable[[list[Row]], DataFrame]:
    names = ["doc_id", *STEP.reads()]
    schema = pa.schema([(name, pa.string()) for name in names])

    def make(rows: list[Row]) -> DataFrame:
        table = pa.Table.from_pylist(rows or labelled(1), schema=schema)
        return audit.with_audit(spark.createDataFrame(table).limit(len(rows)))

    return make


FrameOf = Callable[[list[Row]], "DataFrame"]


def test_every_row_is_evaluated_or_leaves_with_a_reason(frame_of: FrameOf, context: FrameContext) -> None:
    odd = [
        {**labelled(1)[0], "doc_id": "x1", "label": None, "text": "one"},
        {**labelled(1)[0], "doc_id": "x2", "lang": "fr", "text": "deux"},
        {**labelled(1)[0], "doc_id": "x3", "text": "OPINION number 0!"},
        {**labelled(1)[0], "doc_id": "x4", "text": None},
    ]
    rows = STEP.transform(frame_of(labelled() + odd), context).toArrow().to_pylist()
    assert sorted(row["doc_id"] for row in rows) == sorted(row["doc_id"] for row in labelled() + odd)
    reasons = Counter(row[audit.REASON] for row in rows)
    assert (reasons["no_label"], reasons["language_not_modelled"], reasons["no_text"]) == (1, 1, 1)
    assert reasons["duplicate_text"] == 1
    assert reasons[None] + reasons["used_for_training"] == 150
    assert {row[audit.STEP] for row in rows} == {None, "train_sentiment"}
    for row in rows:
        assert (row["predicted"] is None) == (row[audit.REASON] is not None)


def test_leaves_text_and_features_behind_and_keeps_where_a_row_came_from(
    frame_of: FrameOf, context: FrameContext
) -> None:
    frame = STEP.transform(frame_of(labelled()), context)
    assert not {"text", "ngram_indices", "ngram_values", "bert", "day", "reason"} & set(frame.columns)
    assert {"original_doc_id", "published_day", *STEP.adds()} <= set(frame.columns)
    kinds = frame.limit(1).toArrow().schema
    assert {name: kinds.field(name).type for name in STEP.adds()} == dict(STEP.adds())


def test_rows_that_left_before_stay_as_they_are(frame_of: FrameOf, context: FrameContext) -> None:
    from pyspark.sql import functions as F  # noqa: N812

    gone = F.col("doc_id") == "raw0000"
    frame = audit.drop_where(frame_of(labelled()), gone, step="before", reason="why")
    rows = {row["doc_id"]: row for row in STEP.transform(frame, context).toArrow().to_pylist()}
    assert (rows["raw0000"][audit.STEP], rows["raw0000"][audit.REASON]) == ("before", "why")
    assert rows["raw0000"]["predicted"] is None
    assert len(rows) == 150


def test_the_model_is_an_artefact_that_the_manifest_names(
    frame_of: FrameOf, context: FrameContext, attempt: Attempt, lake: Lake
) -> None:
    rows = STEP.transform(frame_of(labelled()), context).toArrow().to_pylist()
    artefact = ModelArtefact.model_validate(context.extra["model"])
    with lake.open(artefact.path) as stream:
        content = stream.read()
    assert hashlib.sha256(content).hexdigest() == artefact.sha256
    assert [(entry.path, entry.sha256, entry.zone) for entry in attempt.files] == [
        (artefact.path, artefact.sha256, Zone.ARTEFACT)
    ]
    metrics = Classifier.from_bytes(content, where="here").card.metrics
    assert metrics == artefact.metrics
    held_back = [row for row in rows if row[audit.REASON] is None]
    assert metrics.held_back.rows == len(held_back)
    assert metrics.held_back.accuracy == pytest.approx(
        sum(row["is_correct"] for row in held_back) / len(held_back), abs=1e-4
    )
    assert context.notes[0].startswith(f"trained on {metrics.train_rows} rows; right on ")


def test_the_same_rows_on_other_partitions_give_the_same_model(
    frame_of: FrameOf, context: FrameContext, lake: Lake
) -> None:
    other = FrameContext(
        run=context.run, attempt=lake.attempt(Zone.CLEAN, "opinion_model", "2026-11-10", "process-2-b")
    )
    STEP.transform(frame_of(labelled()), context)
    STEP.transform(frame_of(labelled()[::-1]).repartition(5), other)
    assert context.extra["model"]["sha256"] == other.extra["model"]["sha256"]


def test_a_discarded_attempt_leaves_no_model(
    frame_of: FrameOf, context: FrameContext, attempt: Attempt, lake: Lake
) -> None:
    STEP.transform(frame_of(labelled()), context)
    attempt.discard()
    assert not lake.fs.exists(lake.full(context.extra["model"]["path"]))


def test_no_rows_stop_with_a_reason(frame_of: FrameOf, context: FrameContext) -> None:
    with pytest.raises(ContractError, match="expected rows that are held back, got none of 0 rows"):
        STEP.transform(frame_of([]), context)


def test_features_that_are_no_numbers_stop_with_a_reason(frame_of: FrameOf, context: FrameContext) -> None:
    rows = [{**row, "bert": "garbage"} for row in labelled()]
    with pytest.raises(ContractError, match="expected base64 of 4-byte numbers, got 'garbage'"):
        STEP.transform(frame_of(rows), context)


def test_a_model_without_a_place_to_put_it_is_refused(frame_of: FrameOf, context: FrameContext) -> None:
    with pytest.raises(ContractError, match="expected an attempt to write the model to, got none"):
        STEP.transform(frame_of(labelled()), FrameContext(run=context.run))
