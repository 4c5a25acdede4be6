from __future__ import annotations

import numpy as np
import pytest

from penstock.index.shingles import evidence_of, pack_evidence, shingle_hashes, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("One, TWO: three!", ["one", "two", "three"]),
        ("1,234.5 of 7", ["0", "0", "of", "0"]),
        ("naïve Café", ["naive", "cafe"]),
        ("a_b\u00a0c\u3000d\n", ["a", "b", "c", "d"]),
        ("\x00\ufeff", []),
    ],
)
def test_words_are_compared_without_case_punctuation_numbers_and_diacritics(text, expected):
    assert words_of(text) == expected


def test_shingles_are_five_successive_words_each_once():
    assert len(shingle_hashes("a b c d")) == 0
    assert len(shingle_hashes("a b c d e")) == 1
    assert len(shingle_hashes("a b c d e f")) == 2
    assert len(shingle_hashes("word " * 1000)) == 1
    assert (shingle_hashes("A, b; c D e.") == shingle_hashes("a b c d e")).all()


def test_surrogates_do_not_break_it():
    assert len(shingle_hashes("a \ud800 b c d e f")) > 0


def test_evidence_is_the_least_upper_halves():
    hashes = np.array([1, 2, 1 << 33, (1 << 33) + 5, 7 << 32], dtype=np.uint64)
    assert evidence_of(hashes, 1024).tolist() == [0, 2, 7]
    assert evidence_of(hashes, 2).tolist() == [0, 2]


def test_evidence_of_null_is_null_and_of_no_text_empty():
    assert pack_evidence([None, "", "a b c d e"], 16)[:2] == [None, b""]
    assert len(pack_evidence(["a b c d e"], 16)[0]) == 4
