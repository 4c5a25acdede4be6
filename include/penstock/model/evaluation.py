"""Evaluation: the held-back rows, one by one and in groups, against both baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from penstock.model.baselines import vader_classes
from penstock.model.spec import Metrics, Score

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.model.classifier import Classifier

BoolArray = npt.NDArray[np.bool_]


def evaluate(classifier: Classifier, held_back: pa.Table) -> pa.Table:
    """Return ``held_back`` (see `penstock.model.examples`) with what each of the three says of a row.

    Columns out: ``doc_id``, ``source``, ``lang``, ``label``, ``predicted``, ``score`` (probability), ``vader`` (null
    but for English), ``majority``, ``is_correct``, ``is_vader_correct`` (null where ``vader`` is),
    ``is_majority_correct``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from penstock.model.trainer import arrays_of

    predicted, scores = classifier.predict(arrays_of(held_back))
    texts, languages = held_back.column("text").to_pylist(), held_back.column("lang").to_pylist()
    said = {
        "predicted": pa.array(predicted, type=pa.string()),
        "vader": pa.array(vader_classes(texts, languages), type=pa.string()),
        "majority": pa.array([classifier.card.majority_class] * len(held_back), type=pa.string()),
    }
    label = held_back.column("label").combine_chunks()
    return pa.table(
        {
            **{name: held_back.column(name) for name in ("doc_id", "source", "lang", "label")},
            "predicted": said["predicted"],
            "score": pa.array(scores, type=pa.float32()),
            "vader": said["vader"],
            "majority": said["majority"],
            "is_correct": pc.equal(said["predicted"], label),
            "is_vader_correct": pc.equal(said["vader"], label),
            "is_majority_correct": pc.equal(said["majority"], label),
        }
    )


def summarise(rows: pa.Table, *, train_rows: int) -> Metrics:
    """Return the accuracies in the rows of `evaluate`: of all, by language and by source."""
    everything = np.ones(len(rows), dtype=np.bool_)
    return Metrics(
        train_rows=train_rows,
        held_back=_score(rows, everything),
        by_language=_groups(rows, "lang"),
        by_source=_groups(rows, "source"),
    )


def _groups(rows: pa.Table, column: str) -> dict[str, Score]:
    names = np.asarray(rows.column(column).to_pylist(), dtype=object)
    return {name: _score(rows, names == name) for name in sorted({str(n) for n in names if n is not None})}


def _score(rows: pa.Table, chosen: BoolArray) -> Score:
    import pyarrow as pa

    part = rows.filter(pa.array(chosen))
    return Score(
        rows=len(part),
        accuracy=_share(part, "is_correct") or 0.0,
        vader=_share(part, "is_vader_correct"),
        majority=_share(part, "is_majority_correct") or 0.0,
    )


def _share(rows: pa.Table, column: str) -> float | None:
    """Return the share of true among the known values, or ``None`` when there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    value: Any = pc.mean(rows.column(column).cast(pa.int8())).as_py()
    return None if value is None else round(float(value), 4)
