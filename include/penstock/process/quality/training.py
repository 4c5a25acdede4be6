"""Train a quality model on a user's own labels, and publish it as the other models are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.days import DAY
from penstock.errors import RecipeError
from penstock.manifest import Zone
from penstock.model.artefact import VERSION_CHARS
from penstock.model.spec import FeatureSpec, TrainingParams
from penstock.process.quality.features import ANY_LANGUAGE, columns_of
from penstock.process.step import Context, Document

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake
    from penstock.ledger import Ledger
    from penstock.model.flow import TrainingRun

BATCH_ROWS = 1000


@dataclass(frozen=True)
class Label:
    """A text, its class, and its language (ISO 639) when the file says it."""

    text: str
    label: str
    lang: str | None = None


@dataclass(frozen=True)
class ClassScore:
    """How many held-back texts are of a class, how many were said to be, and how many of those rightly."""

    name: str
    rows: int
    said: int
    right: int


def read_labels(path: Path) -> list[Label]:
    """Return the lines of a JSONL file of ``{"text": ..., "label": ...}``, with ``"lang"`` where it is known.

    Raises:
        RecipeError: naming the line that is something else.
    """
    labels = list(_labels(path))
    if not labels:
        message = f"{path}: expected a line with text and label, got none"
        raise RecipeError(message)
    return labels


def _labels(path: Path) -> Iterator[Label]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: expected a file of JSON lines in UTF-8, got {error}"
        raise RecipeError(message) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item: Any = json.loads(line)
            label = Label(item["text"], item["label"], item.get("lang"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f'{path}:{number}: expected {{"text": ..., "label": ...}}, got {line[:80]!r} ({error})'
            raise RecipeError(message) from error
        if not isinstance(label.text, str) or not isinstance(label.label, str):
            message = f"{path}:{number}: expected texts as text and label, got {line[:80]!r}"
            raise RecipeError(message)
        yield label


def train(labels: Sequence[Label], params: TrainingParams, *, bert: bool = False) -> TrainingRun:
    """Return the model and what it says of the texts that were held back.

    Raises:
        ContractError: when there are fewer than two classes, or nothing is held back.
    """
    from penstock.model.flow import run_training

    features = params.features.model_copy(
        update={
            "languages": (ANY_LANGUAGE,),
            "bert_dimensions": params.features.bert_dimensions if bert else 0,
        }
    )
    return run_training(_examples(labels, features), params.model_copy(update={"features": features}))


def _examples(labels: Sequence[Label], features: FeatureSpec) -> pa.Table:
    import pyarrow as pa

    context = Context(dataset="quality", run_key="train")
    batches = [labels[start : start + BATCH_ROWS] for start in range(0, len(labels), BATCH_ROWS)]
    tables = [
        pa.table(columns_of(_documents(batch, features, context), features, context)) for batch in batches
    ]
    strings = {
        "doc_id": [hashlib.sha256(f"{n}".encode()).hexdigest()[:32] for n in range(len(labels))],
        "source": ["labels"] * len(labels),
        "text": [label.text for label in labels],
        "label": [label.label for label in labels],
        "day": [""] * len(labels),
    }
    table = pa.concat_tables(tables)
    for name, values in strings.items():
        table = table.append_column(name, pa.array(values, type=pa.string()))
    return table


def _documents(labels: Sequence[Label], features: FeatureSpec, context: Context) -> list[Document]:
    documents = [Document({"text": label.text, "lang": label.lang, "bert": None}) for label in labels]
    if features.bert_dimensions:
        from penstock.process.bert import Bert

        languages = tuple({str(label.lang) for label in labels if label.lang} | {"en"})
        for document in documents:
            document["lang"] = document["lang"] or "en"
        Bert(languages=languages).apply_batch(documents, context)
    return documents


def scores_by_class(run: TrainingRun) -> list[ClassScore]:
    """Return how each class was found among the held-back texts."""
    rows = run.evaluation.select(["label", "predicted"]).to_pylist()
    return [
        ClassScore(
            name,
            sum(row["label"] == name for row in rows),
            sum(row["predicted"] == name for row in rows),
            sum(row["label"] == row["predicted"] == name for row in rows),
        )
        for name in run.classifier.card.classes
    ]


def publish(run: TrainingRun, *, name: str, first_day: date, lake: Lake, ledger: Ledger, labels: Path) -> str:
    """Write the model to the published zone and record it; return its version, the beginning of its digest.

    ``first_day`` is the first day whose runs use it.
    """
    content = run.classifier.to_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    version = sha256[:VERSION_CHARS]
    path = f"{Zone.PUBLISHED}/{name}/model/{version}.npz"
    lake.write_atomically(path, content)
    ledger.record_model(
        name=name,
        version=version,
        run_key=(first_day - DAY).isoformat(),
        uri=lake.fs.unstrip_protocol(lake.full(path)),
        sha256=sha256,
        accepted=True,
        metrics=run.classifier.card.metrics.model_dump(mode="json"),
        training_snapshot={
            "labels": labels.name,
            "sha256": hashlib.sha256(labels.read_bytes()).hexdigest(),
        },
    )
    return version
