"""Step ``train_sentiment``: labelled rows in, held-back rows with what the new model says of them out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.errors import ContractError
from penstock.manifest import Zone
from penstock.model.artefact import EXTRA_KEY, MODEL_FILE, ModelArtefact
from penstock.model.spec import TrainingParams
from penstock.process import audit
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from penstock.model.flow import TrainingRun

_INPUTS = (
    "original_doc_id",
    "source",
    "lang",
    "text",
    "label",
    "day",
    "ngram_indices",
    "ngram_values",
    "bert",
)
_SAID = ("predicted", "score", "vader", "majority", "is_correct", "is_vader_correct", "is_majority_correct")
_HEAVY = ("text", "ngram_indices", "ngram_values", "bert")


class TrainSentiment(FrameStep):
    """Train on a part of the rows, keep the others as the evaluation, and leave the model as an artefact.

    Columns: reads ``original_doc_id``, ``source``, ``lang``, ``text``, ``label``, ``day`` and the packed features
    ``ngram_indices``, ``ngram_values``, ``bert`` (`penstock.model.packed`); removes ``text`` and the features (they
    are in the raw zone and in the published table); renames ``day`` to ``published_day``; adds ``predicted``,
    ``score`` (probability), ``vader`` (null but for English), ``majority``, ``is_correct``, ``is_vader_correct``,
    ``is_majority_correct``.

    Rows that are not held back leave with the reason why (``used_for_training``, ``duplicate_text`` …). The manifest's
    ``extra["model"]`` is a `penstock.model.artefact.ModelArtefact`. Training runs on the driver: memory is bounded
    by ``training.max_examples`` (about 4 kB a row).
    """

    kind: Literal["train_sentiment"] = "train_sentiment"
    training: TrainingParams = Field(default=TrainingParams())

    def reads(self) -> tuple[str, ...]:
        """Return the labelled columns."""
        return _INPUTS

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns of the evaluation."""
        import pyarrow as pa

        strings = {name: pa.string() for name in ("published_day", "predicted", "vader", "majority")}
        rights = ("is_correct", "is_vader_correct", "is_majority_correct")
        return {**strings, "score": pa.float32(), **{name: pa.bool_() for name in rights}}

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Train, write the model file, tag the rows."""
        from penstock.model.flow import run_training

        rows = frame.filter(audit.is_live()).select("doc_id", *_INPUTS).toArrow()
        run = run_training(_examples(rows), self.training)
        _leave_model(run, context)
        said = frame.sparkSession.createDataFrame(_said(rows, run))
        light = frame.drop(*_HEAVY, *self.adds()).withColumnRenamed("day", "published_day")
        return _tagged(light.join(said, on="doc_id", how="left"))


def _said(rows: pa.Table, run: TrainingRun) -> pa.Table:
    """Return the outcome of each row: ``doc_id``, ``reason`` (null: held back), and what was said of it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    doc_ids, evaluation = rows.column("doc_id").combine_chunks(), run.evaluation
    position = pc.index_in(doc_ids, value_set=evaluation.column("doc_id").combine_chunks())
    columns = {name: evaluation.column(name).combine_chunks().take(position) for name in _SAID}
    return pa.table({"doc_id": doc_ids, "reason": pa.array(run.reasons, type=pa.string()), **columns})


def _examples(rows: pa.Table) -> pa.Table:
    """Return the rows as `penstock.model.flow.run_training` takes them, with unpacked features."""
    import pyarrow as pa

    from penstock.model.packed import unpack

    plain = {name: rows.column(name) for name in ("doc_id", "source", "lang", "text", "label", "day")}
    features = {
        "ngram_indices": unpack(rows.column("ngram_indices").to_pylist(), "<i4"),
        "ngram_values": unpack(rows.column("ngram_values").to_pylist(), "<f4"),
        "bert": unpack(rows.column("bert").to_pylist(), "<f4"),
    }
    return pa.table({**plain, **features})


def _leave_model(run: TrainingRun, context: FrameContext) -> None:
    if context.attempt is None:
        message = (
            f"train_sentiment ({context.run.dataset} {context.run.run_key}): expected an attempt to write the model "
            "to, got none; run the step by the process stage"
        )
        raise ContractError(message)
    content = run.classifier.to_bytes()
    with context.attempt.create(MODEL_FILE, zone=Zone.ARTEFACT) as stream:
        stream.write(content)
    metrics = run.classifier.card.metrics
    artefact = ModelArtefact(
        path=context.attempt.path(MODEL_FILE, zone=Zone.ARTEFACT),
        sha256=hashlib.sha256(content).hexdigest(),
        metrics=metrics,
    )
    context.extra[EXTRA_KEY] = artefact.model_dump(mode="json")
    held_back = metrics.held_back
    context.notes.append(
        f"trained on {metrics.train_rows} rows; right on {held_back.accuracy:.1%} of {held_back.rows} held back "
        f"(always {run.classifier.card.majority_class}: {held_back.majority:.1%})"
    )


def _tagged(frame: DataFrame) -> DataFrame:
    """Tag the rows that have a reason, and take the reason's column away."""
    from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

    leaves = audit.is_live() & F.col("reason").isNotNull()
    tags = {audit.STEP: F.lit("train_sentiment"), audit.REASON: F.col("reason")}
    changed = {name: F.when(leaves, tag).otherwise(F.col(name)) for name, tag in tags.items()}
    return frame.withColumns(changed).drop("reason")
