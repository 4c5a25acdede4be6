from __future__ import annotations

import numpy as np
import pytest

from penstock.errors import RecipeError
from penstock.process import bert
from penstock.process.bert import DIMENSIONS, Bert, load_encoder
from penstock.process.step import Document

TEXTS = ["A wonderful film.", "A great movie!", "The bridge is closed for repairs.", "x", "good " * 500]


def test_like_texts_have_like_vectors_of_norm_one():
    vectors = load_encoder().encode(TEXTS)
    assert vectors.shape == (5, DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.7 > 0.3 > vectors[0] @ vectors[2]


@pytest.mark.parametrize("batch_tokens", [1, 20, 10_000])
def test_a_vector_does_not_depend_on_the_other_texts(batch_tokens):
    together = load_encoder().encode(TEXTS, batch_tokens=batch_tokens)
    alone = np.concatenate([load_encoder().encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_only_the_first_tokens_of_a_long_text_count():
    encoder = load_encoder()
    both = encoder.encode(["good " * 126, "good " * 126 + "bad " * 1_000_000])
    np.testing.assert_allclose(both[0], both[1], atol=1e-5)


@pytest.mark.parametrize(
    ("text", "lang", "has_vector"),
    [("Good.", "en", True), ("很好", "zh", False), ("Good.", None, False), (None, "en", False), (" ", "en", False),
     ("\U0001f600 שלום", "en", True)],
)  # fmt: skip
def test_other_languages_and_empty_texts_have_none(apply_to, text, lang, has_vector):
    document, verdict = apply_to(Bert(), text, lang=lang)
    assert verdict is None
    assert (document["bert"] is not None) == has_vector


def test_an_empty_batch_is_nothing(context):
    assert Bert().apply_batch([], context) == []


def test_every_document_gets_its_own_vector(context):
    documents = [Document({"text": text, "lang": "en", "bert": None}) for text in TEXTS]
    Bert().apply_batch(documents, context)
    for text, document in zip(TEXTS, documents, strict=True):
        np.testing.assert_allclose(document["bert"], load_encoder().encode([text])[0], atol=1e-5)


def test_refuses_a_model_that_is_not_the_pinned_one(monkeypatch):
    monkeypatch.setattr(bert, "MODEL_SHA256", "0" * 64)
    load_encoder.cache_clear()
    with pytest.raises(RecipeError, match=r"sha256 0000.*, got 8199be6f.*install the version"):
        load_encoder()


def test_says_which_package_is_missing(monkeypatch):
    monkeypatch.setattr(bert, "_MODEL", ("no_such_package", "model.onnx"))
    load_encoder.cache_clear()
    with pytest.raises(RecipeError, match=r"installed package no_such_package, found none; install"):
        load_encoder()
