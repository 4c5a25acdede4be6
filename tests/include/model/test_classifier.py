from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from penstock.errors import ContractError, CorruptionError
from penstock.model.classifier import Classifier, load
from penstock.model.flow import TrainingRun
from penstock.model.trainer import arrays_of, design_matrix

AsTable = Callable[[list[Any]], pa.Table]
Make = Callable[..., list[Any]]


@pytest.fixture
def published(trained: TrainingRun, tmp_path: Path) -> tuple[Path, str]:
    content = trained.classifier.to_bytes()
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def test_a_model_survives_its_file(
    trained: TrainingRun, published: tuple[Path, str], as_table: AsTable, make_opinions: Make
) -> None:
    path, sha256 = published
    columns = arrays_of(as_table(make_opinions(seed=8)))
    known, loaded = trained.classifier.predict(columns), load(f"file://{path}", sha256).predict(columns)
    assert np.array_equal(known[0], loaded[0])
    assert np.array_equal(known[1], loaded[1])


def test_equal_models_give_equal_bytes(trained: TrainingRun) -> None:
    assert trained.classifier.to_bytes() == trained.classifier.to_bytes()


def test_predicts_what_scikit_learn_would(
    trained: TrainingRun, as_table: AsTable, make_opinions: Make
) -> None:
    model, examples = trained.classifier, as_table(make_opinions(seed=9))
    scale = model.card.features.bert_scale
    weights = np.vstack([model.ngrams, model.bert / scale, model.languages])
    logits = design_matrix(examples, model.card.features) @ weights
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    classes, scores = model.predict(arrays_of(examples))
    assert classes.tolist() == [model.card.classes[i] for i in probabilities.argmax(axis=1)]
    assert scores == pytest.approx(probabilities.max(axis=1), rel=1e-4)


def test_no_rows_have_no_class(trained: TrainingRun, as_table: AsTable) -> None:
    classes, scores = trained.classifier.predict(arrays_of(as_table([])))
    assert (len(classes), len(scores)) == (0, 0)


def test_a_row_without_any_feature_has_a_class_and_a_probability(trained: TrainingRun) -> None:
    kinds = {"ngram_indices": pa.int32(), "ngram_values": pa.float32(), "bert": pa.float32()}
    columns = {name: pa.array([None], pa.list_(kind)) for name, kind in kinds.items()}
    classes, scores = trained.classifier.predict({**columns, "lang": pa.array([None], pa.string())})
    assert classes[0] in trained.classifier.card.classes
    assert 1 / 3 <= scores[0] <= 1


def test_features_of_another_size_are_refused(
    trained: TrainingRun, as_table: AsTable, make_opinions: Make
) -> None:
    columns = arrays_of(as_table(make_opinions(1)))
    columns["ngram_indices"] = pa.array([[10**6]], pa.list_(pa.int32()))
    columns["ngram_values"] = pa.array([[1.0]], pa.list_(pa.float32()))
    with pytest.raises(ContractError, match="same number of buckets"):
        trained.classifier.predict(columns)


def test_a_changed_file_is_refused_before_it_is_read(published: tuple[Path, str]) -> None:
    path, sha256 = published
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptionError, match=f"expected sha256 {sha256}"):
        load(f"file://{path}", sha256)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CorruptionError, match="found none; run the flow that trains it"):
        load(f"file://{tmp_path}/gone.npz", "0" * 64)


def test_a_file_is_read_once_a_process(published: tuple[Path, str]) -> None:
    path, sha256 = published
    first = load(f"file://{path}", sha256)
    os.unlink(path)
    assert load(f"file://{path}", sha256) is first


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def card_bytes(trained: TrainingRun, **changes: object) -> np.ndarray:
    document = {**trained.classifier.card.model_dump(mode="json"), **changes}
    return np.frombuffer(json.dumps(document).encode(), np.uint8)


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 cut off", npz(card=np.zeros(3, np.uint8))])
def test_refuses_what_is_no_model_file(content: bytes) -> None:
    with pytest.raises(CorruptionError, match="expected a Penstock model file"):
        Classifier.from_bytes(content, where="here")


def test_refuses_a_file_of_another_format(trained: TrainingRun) -> None:
    content = npz(card=card_bytes(trained, format=99))
    with pytest.raises(CorruptionError, match="format 99, this release reads 1"):
        Classifier.from_bytes(content, where="here")


def test_refuses_pickled_objects_without_running_them(trained: TrainingRun, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "exploded"),)

    content = npz(card=card_bytes(trained), ngrams=np.array([Bomb()], dtype=object))
    with pytest.raises(CorruptionError, match="expected a Penstock model file"):
        Classifier.from_bytes(content, where="here")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("ngrams", [np.zeros((2, 3), np.float32), np.full((4096, 3), np.nan, np.float32)])
def test_refuses_weights_that_do_not_fit_the_card(trained: TrainingRun, ngrams: np.ndarray) -> None:
    model = trained.classifier
    content = npz(card=card_bytes(trained), ngrams=ngrams, bert=model.bert, languages=model.languages)
    with pytest.raises(CorruptionError, match="ngrams of shape"):
        Classifier.from_bytes(content, where="here")
