from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from penstock.text.kernel.api import Tokeniser, english_words, minhash_signatures, tokeniser
from penstock.text.kernel.minhash import EMPTY
from penstock.text.reference.minhash import signature
from penstock.text.reference.words import words
from support.texts import TEXTS, packed, texts


def words_of(known: Tokeniser, many: list[str]) -> list[list[str]]:
    data, offsets = packed(many)
    starts, stops, first = known.tokenise(data, offsets)
    found = [data[start:stop].tobytes().decode() for start, stop in zip(starts, stops, strict=True)]
    return [found[first[i] : first[i + 1]] for i in range(len(many))]


def test_the_words_are_those_of_the_specification():
    assert words_of(tokeniser(), TEXTS) == [words(text) for text in TEXTS]


@settings(max_examples=300, deadline=None)
@given(texts())
def test_any_text_has_the_words_of_the_specification(text: str):
    assert words_of(tokeniser(), [text, text]) == [words(text)] * 2


def test_a_text_of_more_words_than_there_is_room_for_makes_room():
    known = Tokeniser()
    known.words = known.words[:4]
    assert words_of(known, ["one two three four five six, seven.", "a b"]) == [
        ["one", "two", "three", "four", "five", "six", ",", "seven", "."],
        ["a", "b"],
    ]


def test_no_text_has_no_words():
    assert words_of(tokeniser(), []) == []
    assert words_of(tokeniser(), ["", " \n"]) == [[], []]


@settings(max_examples=100, deadline=None)
@given(texts())
def test_signatures_are_those_of_the_specification(text: str):
    text = f"{text} three words more {text}"
    found = minhash_signatures(*packed([text]), num_buckets=2, hashes_per_bucket=3)[0]
    assert found.tolist() == (signature(text, count=6) or [int(EMPTY)] * 6)


@pytest.mark.parametrize("text", ["", "only four words here", "... !!! ?"])
def test_a_text_of_too_few_words_has_an_empty_signature(text: str):
    assert minhash_signatures(*packed([text])).tolist() == [[int(EMPTY)] * 112]


def test_a_text_that_only_python_can_simplify_is_signed_like_the_others():
    many = ["the ΟΔΟΣ and the ΣΑΣ end here", "plain words that all are known"]
    found = minhash_signatures(*packed(many))
    assert found.tolist() == [signature(text) for text in many]


def test_the_parameters_change_the_signature():
    data, offsets = packed(["one two three four five six"])
    assert minhash_signatures(data, offsets, seed=2).tolist() != minhash_signatures(data, offsets).tolist()
    assert minhash_signatures(data, offsets, num_buckets=9, hashes_per_bucket=13, ngram=3).shape == (1, 117)
    assert minhash_signatures(data, np.zeros(1, np.int64)).shape == (0, 112)


@settings(max_examples=100, deadline=None)
@given(texts())
def test_the_words_of_one_text_are_those_of_the_specification(text: str):
    assert english_words(text) == words(text)
