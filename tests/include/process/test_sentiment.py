from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from penstock.errors import ContractError, CorruptionError
from penstock.model.flow import TrainingRun, run_training
from penstock.model.spec import FeatureSpec, TrainingParams
from penstock.process.sentiment import Sentiment
from penstock.process.step import Context, Document, ModelRef

SPEC = FeatureSpec(buckets=16, bert_dimensions=2)
GOOD, BAD = [1], [2]


def features(indices: list[int] | None, lang: str | None = "en") -> dict[str, object]:
    values = None if indices is None else [1.0] * len(indices)
    bert = [0.6, 0.8] if lang == "en" else None
    return {"lang": lang, "ngram_indices": indices, "ngram_values": values, "bert": bert}


@pytest.fixture(scope="module")
def trained() -> TrainingRun:
    rows = [
        {
            **features(GOOD if number % 2 else BAD, ("en", "zh")[number % 4 // 2]),
            "doc_id": f"d{number}",
            "source": "made_up",
            "text": f"text number {number}",
            "label": "positive" if number % 2 else "negative",
            "day": "2026-11-10",
        }
        for number in range(200)
    ]
    lists = {"ngram_indices": pa.int32(), "ngram_values": pa.float32(), "bert": pa.float32()}
    plain = [(name, pa.string()) for name in ("doc_id", "source", "lang", "text", "label", "day")]
    schema = pa.schema([*plain, *((name, pa.list_(kind)) for name, kind in lists.items())])
    return run_training(pa.Table.from_pylist(rows, schema=schema), TrainingParams(features=SPEC))


@pytest.fixture
def with_model(trained: TrainingRun, tmp_path: Path) -> Context:
    content = trained.classifier.to_bytes()
    (tmp_path / "model.npz").write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    model = ModelRef(name="opinion_model", version="v7", uri=f"file://{tmp_path}/model.npz", sha256=sha256)
    return Context(dataset="opinion_text", run_key="2026-11-16", models={"opinion_model": model})


WITHOUT_MODEL = Context(dataset="opinion_text", run_key="2026-11-10")


def documents(*rows: dict[str, object]) -> list[Document]:
    empty = dict.fromkeys(("sentiment", "sentiment_score", "sentiment_model"))
    return [Document({"text": "x", **empty, **row}) for row in rows]


def said(made: list[Document]) -> list[tuple[object, object]]:
    return [(document["sentiment"], document["sentiment_model"]) for document in made]


def test_names_the_class_and_the_version_of_the_model(with_model: Context) -> None:
    made = documents(features(GOOD), features(BAD, "zh"))
    assert Sentiment().apply_batch(made, with_model) == [None, None]
    assert said(made) == [("positive", "v7"), ("negative", "v7")]
    assert all(isinstance(d["sentiment_score"], float) and 0.5 < d["sentiment_score"] < 1 for d in made)


def test_without_a_model_all_three_columns_are_null() -> None:
    made = documents({**features(GOOD), "sentiment": "old", "sentiment_score": 1.0, "sentiment_model": "old"})
    assert Sentiment().apply_batch(made, WITHOUT_MODEL) == [None]
    assert said(made) == [(None, None)]
    assert made[0]["sentiment_score"] is None


@pytest.mark.parametrize("lang", ["fr", None, ""])
def test_a_language_that_the_model_does_not_know_has_no_class(lang: str | None, with_model: Context) -> None:
    made = documents(features(GOOD, lang), features(GOOD))
    Sentiment().apply_batch(made, with_model)
    assert said(made) == [(None, None), ("positive", "v7")]


def test_a_document_without_features_is_classed_by_what_there_is(with_model: Context) -> None:
    made = documents(features(None), features([]))
    Sentiment().apply_batch(made, with_model)
    assert {version for _, version in said(made)} == {"v7"}


def test_no_documents_are_no_trouble(with_model: Context) -> None:
    assert Sentiment().apply_batch([], with_model) == []


def test_a_class_does_not_depend_on_the_batch(with_model: Context) -> None:
    rows = [features([n % 16, (n * 7) % 16], ("en", "zh", "fr")[n % 3]) for n in range(40)]
    together, alone = documents(*rows), documents(*rows)
    Sentiment().apply_batch(together, with_model)
    for document in alone:
        Sentiment().apply_batch([document], with_model)
    assert said(together) == said(alone)
    assert [d["sentiment_score"] for d in together] == pytest.approx([d["sentiment_score"] for d in alone])


def test_features_of_another_size_are_refused_before_anything_is_set(with_model: Context) -> None:
    made = documents(features(GOOD), features([99]))
    with pytest.raises(ContractError, match="expected indices from 0 to 15"):
        Sentiment().apply_batch(made, with_model)
    assert said(made) == [(None, None), (None, None)]


def test_a_forged_model_is_refused(with_model: Context) -> None:
    model = with_model.models["opinion_model"]
    Path(model.uri.removeprefix("file://")).write_bytes(b"forged")
    with pytest.raises(CorruptionError, match=f"expected sha256 {model.sha256}"):
        Sentiment().apply_batch(documents(features(GOOD)), with_model)


def test_says_what_it_reads_adds_and_needs() -> None:
    step = Sentiment(model="film_model")
    assert step.needs() == ("film_model",)
    assert set(step.adds()) == {"sentiment", "sentiment_score", "sentiment_model"}
    made = Document(dict.fromkeys((*step.reads(), *step.adds())))
    assert step.apply_batch([made], WITHOUT_MODEL) == [None]


def test_needs_no_numpy_to_be_declared(run_python: Callable[[str], str]) -> None:
    code = "import sys, penstock.process.sentiment; print('numpy' in sys.modules)"
    assert run_python(code).strip() == "False"


@pytest.fixture
def run_python() -> Callable[[str], str]:
    import os
    import subprocess
    import sys

    def run(code: str) -> str:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        made = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
        )
        assert made.returncode == 0, made.stderr
        return made.stdout

    return run
