"""From labelled rows to a classifier and its evaluation, with a word on every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.errors import ContractError
from penstock.model.baselines import majority_class
from penstock.model.classifier import Classifier
from penstock.model.evaluation import evaluate, summarise
from penstock.model.spec import Metrics, ModelCard, Score, TrainingParams
from penstock.model.split import is_held_back, text_key
from penstock.model.trainer import design_matrix, fit

if TYPE_CHECKING:
    import pyarrow as pa

HELD_BACK = None
USED_FOR_TRAINING = "used_for_training"
DUPLICATE_TEXT = "duplicate_text"
NO_LABEL = "no_label"
NO_TEXT = "no_text"
LANGUAGE_NOT_MODELLED = "language_not_modelled"
BEYOND_LIMIT = "beyond_max_examples"


@dataclass(frozen=True)
class TrainingRun:
    """A classifier, the evaluation rows (`evaluate`), and for each row why it is none of them (``None``: it is)."""

    classifier: Classifier
    evaluation: pa.Table
    reasons: list[str | None]


def run_training(examples: pa.Table, params: TrainingParams) -> TrainingRun:
    """Split, train and evaluate.

    ``examples`` has the columns of `penstock.model.examples` and a ``day``. Of several rows with one text the newest
    day's counts, then the least ``doc_id``: a label that was corrected wins, and the order of rows changes nothing.

    Raises:
        ContractError: when the training part has not two classes, or nothing is held back.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    reasons = assign(examples, params)
    sides = pa.array([reason or "held_back" for reason in reasons], type=pa.string())
    by_doc_id = [("doc_id", "ascending")]
    train = examples.filter(pc.equal(sides, USED_FOR_TRAINING)).sort_by(by_doc_id)
    held_back = examples.filter(pc.equal(sides, "held_back")).sort_by(by_doc_id)
    if not len(held_back):
        message = (
            f"training: expected rows that are held back, got none of {len(examples)} rows; "
            "publish more labelled days first, or raise held_back_share"
        )
        raise ContractError(message, failed={"held_back_rows": 0})
    untested = _train(train, params)
    evaluation = evaluate(untested, held_back)
    card = untested.card.model_copy(update={"metrics": summarise(evaluation, train_rows=len(train))})
    classifier = Classifier(card, untested.ngrams, untested.bert, untested.languages)
    return TrainingRun(classifier, evaluation, reasons)


def assign(examples: pa.Table, params: TrainingParams) -> list[str | None]:
    """Return for each row why it is not held back, or ``None`` when it is."""
    keys = [_key(text) for text in examples.column("text").to_pylist()]
    labels, languages = (examples.column(name).to_pylist() for name in ("label", "lang"))
    unfit = [
        _unfit(key, label, language, params)
        for key, label, language in zip(keys, labels, languages, strict=True)
    ]
    winners = _winners(examples, keys, unfit)
    allowed = set(sorted(winners)[: params.max_examples])

    def reason(position: int) -> str | None:
        key = keys[position]
        if key is None or unfit[position] is not None:
            return unfit[position]
        if winners[key] != position:
            return DUPLICATE_TEXT
        if key not in allowed:
            return BEYOND_LIMIT
        return HELD_BACK if is_held_back(key, params.held_back_share) else USED_FOR_TRAINING

    return [reason(position) for position in range(len(keys))]


def _key(text: str | None) -> str | None:
    return text_key(text) if text is not None and text.strip() else None


def _unfit(key: str | None, label: str | None, language: str | None, params: TrainingParams) -> str | None:
    if key is None:
        return NO_TEXT
    if not label:
        return NO_LABEL
    return None if language in params.features.languages else LANGUAGE_NOT_MODELLED


def _winners(examples: pa.Table, keys: list[str | None], unfit: list[str | None]) -> dict[str, int]:
    """Return the position of the row that speaks for each text, among the rows that are fit for it."""
    days = [str(day) for day in examples.column("day").to_pylist()]
    doc_ids = [str(doc_id) for doc_id in examples.column("doc_id").to_pylist()]
    order = sorted(range(len(keys)), key=doc_ids.__getitem__)
    order.sort(key=days.__getitem__, reverse=True)
    winners: dict[str, int] = {}
    for position in order:
        key = keys[position]
        if key is not None and unfit[position] is None:
            winners.setdefault(key, position)
    return winners


def _train(train: pa.Table, params: TrainingParams) -> Classifier:
    import sklearn

    spec, labels = params.features, train.column("label").to_pylist()
    classes, weights = fit(design_matrix(train, spec), labels, regularisation=params.regularisation)
    bert_end = spec.buckets + spec.bert_dimensions
    card = ModelCard(
        classes=classes,
        features=spec,
        metrics=Metrics(train_rows=len(train), held_back=Score(rows=0, accuracy=0, majority=0)),
        majority_class=majority_class(labels),
        regularisation=params.regularisation,
        library=f"scikit-learn {sklearn.__version__}",
    )
    parts: list[Any] = [weights[: spec.buckets], weights[spec.buckets : bert_end], weights[bert_end:]]
    return Classifier(card, parts[0], parts[1] * spec.bert_scale, parts[2])
