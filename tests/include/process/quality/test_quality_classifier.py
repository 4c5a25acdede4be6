"""The quality model from labels to verdicts: training, features, quality_classifier."""

from __future__ import annotations

import json
import random
from datetime import date

import pytest

from penstock.errors import ContractError, CorruptionError, RecipeError
from penstock.model.spec import FeatureSpec, TrainingParams
from penstock.process.document import Document
from penstock.process.quality import training
from penstock.process.quality.features import columns_of
from penstock.process.quality.quality_classifier import QualityClassifier
from penstock.process.step import Context, ModelRef

GOOD = ["theorem", "proof", "lemma", "chapter", "history", "river", "engine", "measure", "careful", "explain"]
BAD = ["buy", "cheap", "click", "casino", "winner", "pills", "offer", "now", "free", "sale"]
PARAMS = TrainingParams(features=FeatureSpec(buckets=4096))


def made_up(rows: int = 300) -> list[training.Label]:
    draw = random.Random(7)
    pairs = [("good", GOOD), ("bad", BAD)]
    return [
        training.Label(" ".join(draw.choices(words, k=8)) + f" {n}", label)
        for n in range(rows // 2)
        for label, words in pairs
    ]


@pytest.fixture(scope="module")
def trained() -> training.TrainingRun:
    return training.train(made_up(), PARAMS)


@pytest.fixture
def with_model(trained, lake, ledger, tmp_path) -> Context:
    (tmp_path / "labels.jsonl").write_text("labels")
    training.publish(
        trained,
        name="mine",
        first_day=date(2026, 11, 16),
        lake=lake,
        ledger=ledger,
        labels=tmp_path / "labels.jsonl",
    )
    row = ledger.newest_model("mine", before="2026-11-16")
    model = ModelRef(name="mine", version=row["version"], uri=row["uri"], sha256=row["sha256"])
    return Context(dataset="notes", run_key="2026-11-16", models={"mine": model})


def documents(*texts: str | None) -> list[Document]:
    return [Document({"text": t, "quality_score": None, "quality_model": None, "bert": None}) for t in texts]


def test_learns_what_the_labels_say(trained):
    held_back = trained.classifier.card.metrics.held_back
    assert held_back.rows > 30
    assert held_back.accuracy > 0.95
    assert [score.name for score in training.scores_by_class(trained)] == ["bad", "good"]
    assert sum(score.right for score in training.scores_by_class(trained)) == round(
        held_back.accuracy * held_back.rows
    )


def test_the_same_labels_give_the_same_file(trained):
    assert training.train(made_up(), PARAMS).classifier.to_bytes() == trained.classifier.to_bytes()


def test_scores_and_drops(with_model):
    made = documents("a careful proof of the theorem", "click now: cheap pills, free offer", None, "")
    verdicts = QualityClassifier(model="mine", min_score=0.4).apply_batch(made, with_model)
    assert made[0]["quality_score"] > 0.8
    assert made[1]["quality_score"] < 0.2
    assert [verdict and verdict.reason for verdict in verdicts] == [None, "low_quality", None, None]
    assert {document["quality_model"] for document in made} == {with_model.models["mine"].version}


def test_a_score_does_not_depend_on_the_batch(with_model):
    texts = [label.text for label in made_up(60)]
    together = documents(*texts)
    QualityClassifier(model="mine").apply_batch(together, with_model)
    for text, document in zip(texts, together, strict=True):
        alone = documents(text)
        QualityClassifier(model="mine").apply_batch(alone, with_model)
        assert alone[0]["quality_score"] == pytest.approx(document["quality_score"], abs=1e-6)


def test_without_a_model_the_columns_are_null(context):
    made = documents("text")
    assert QualityClassifier(model="mine").apply_batch(made, context) == [None]
    assert made[0]["quality_score"] is None
    assert QualityClassifier(model="mine").needs() == ("mine",)


def test_a_threshold_without_a_model_is_refused_before_any_row(context, with_model):
    QualityClassifier(model="mine").check(context)
    QualityClassifier(model="mine", min_score=0.5).check(with_model)
    with pytest.raises(RecipeError, match=r"an accepted model of mine .* found none .* --name mine --from"):
        QualityClassifier(model="mine", min_score=0.5).check(context)


def test_a_model_of_another_kind_is_refused(with_model):
    with pytest.raises(RecipeError, match="the model mine knows bad, good; set good to one"):
        QualityClassifier(model="mine", good="fine").apply_batch(documents("a"), with_model)
    with pytest.raises(RecipeError, match="expected bert: false"):
        QualityClassifier(model="mine", bert=True).apply_batch(documents("a"), with_model)


def test_a_forged_model_is_refused(with_model):
    from pathlib import Path

    Path(with_model.models["mine"].uri.removeprefix("file://")).write_bytes(b"forged")
    from penstock.model import classifier

    classifier._load.cache_clear()
    with pytest.raises(CorruptionError):
        QualityClassifier(model="mine").apply_batch(documents("a"), with_model)


def test_a_model_is_used_from_its_first_day_on(with_model, ledger):
    assert ledger.newest_model("mine", before="2026-11-15") is None
    assert ledger.newest_model("mine", before="2026-12-01")["training_snapshot"]["labels"] == "labels.jsonl"


def test_one_class_is_no_model():
    with pytest.raises(ContractError, match="two classes"):
        training.train([training.Label(f"text {n}", "good") for n in range(50)], PARAMS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "got none"), ('{"text": "a"}', r"labels:1: expected .*'label'"),
        ("nonsense", "labels:1"), ("[1]", "labels:1"),
        ('{"text": "a", "label": "b"}\n{"text": 1, "label": "b"}', "labels:2: expected texts"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path, content, message):
    (tmp_path / "labels").write_text(content)
    with pytest.raises(RecipeError, match=message):
        training.read_labels(tmp_path / "labels")


def test_reads_labels(tmp_path):
    lines = [{"text": "a", "label": "good"}, {"text": "b", "label": "bad", "lang": "de"}]
    (tmp_path / "labels").write_text("\n\n".join(map(json.dumps, lines)) + "\n")
    assert [label.lang for label in training.read_labels(tmp_path / "labels")] == [None, "de"]
    with pytest.raises(RecipeError, match="expected a file of JSON lines"):
        training.read_labels(tmp_path / "nothing")


def test_the_words_of_a_document_are_shared(context):
    document = documents("careful proof")[0]
    words = document.tokens
    columns = columns_of([document], FeatureSpec(buckets=64, bert_dimensions=0), context)
    assert document.tokens is words
    assert len(columns["ngram_indices"][0]) == 3
