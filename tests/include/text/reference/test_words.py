"""The expectations are what spaCy 3.8's ``blank("en")`` answers."""

from __future__ import annotations

import pytest

from penstock.text.reference.words import split_chunk, words

CHUNKS = [
    ("(sure)!", ["(", "sure", ")", "!"]),
    ("http://x.com/a-b?c", ["http://x.com/a-b?c"]),
    ("5km.", ["5", "km", "."]),
    ("U.S.", ["U.S."]),
    ("foo):", ["foo", "):"]),
    ("well-known", ["well", "-", "known"]),
    ("10p.m.", ["10", "p.m."]),
    ("US$5", ["US$", "5"]),
    ("3.5", ["3.5"]),
    ("a,b", ["a", ",", "b"]),
    ("1,2", ["1,2"]),
    ("end.Start", ["end", ".", "Start"]),
    ("can't", ["ca", "n't"]),
]


@pytest.mark.parametrize(("chunk", "expected"), CHUNKS)
def test_chunks_are_taken_apart_as_spacy_does(chunk: str, expected: list[str]):
    assert split_chunk(chunk) == expected


def test_white_space_makes_no_words():
    assert words(" a\u00a0b\n\n\tc ") == ["a", "b", "c"]
    assert words("") == []
