"""The specification (repetition, quality, c4, fineweb) on texts whose answers can be counted by hand."""

from __future__ import annotations

import math

import pytest

from penstock.text.reference.c4 import c4, c4_paragraphs, sentences
from penstock.text.reference.fineweb import fineweb, fineweb_reason
from penstock.text.reference.quality import quality, quality_reason
from penstock.text.reference.repetition import repetition, repetition_reason


def test_repetition_counts_characters_of_what_was_there_before():
    found = repetition("ab\n\nab\ncd\n\nab")
    assert found["dup_para_frac"] == pytest.approx(1 / 3)
    assert found["dup_line_frac"] == pytest.approx(2 / 4)
    assert found["dup_line_char_frac"] == pytest.approx(4 / 13)
    assert found["top_2_gram"] == pytest.approx(5 / 13)


def test_the_first_of_equally_frequent_ngrams_is_the_top_one():
    assert repetition("a bbb a bbb cc cc")["top_2_gram"] == pytest.approx(5 * 2 / 17)
    assert repetition("a b ccc d")["top_2_gram"] == pytest.approx(3 / 9)


def test_an_empty_text_has_a_reason_of_its_own():
    assert repetition_reason("", {}) == "empty"
    assert repetition_reason("text", {}) is None
    assert fineweb_reason("\n \n") == "empty"
    assert fineweb("") == {}


def test_quality_counts_words_that_are_not_punctuation_alone():
    found = quality("- the end ...\n• of it…")
    assert (found["words"], found["stop_words"]) == (5, 2)  # the bullet is one: it is no mark of datatrove's
    assert found["bullet_lines"] == 1.0
    assert found["ellipsis_lines"] == 1.0
    assert math.isnan(quality("")["hashes"])
    assert quality_reason("too short") == "gopher_short_doc"


def test_c4_keeps_lines_that_end_well():
    text = "One is here [1]. Two too.\nno end here\nSee our privacy policy now.\nAnd this is three."
    assert c4(text, min_sentences=3) == (None, "One is here . Two too.\nAnd this is three.")
    assert c4(text, min_sentences=4) == ("too_few_sentences", text)
    left = "One is here . Two too. And this is three."
    assert c4(text, split_paragraph=False, min_sentences=3, min_line_words=2) == (None, left)
    assert c4("Some code {here} is.")[0] == "curly_bracket"
    assert c4("Lorem IPSUM dolor sit.")[0] == "lorem_ipsum"


def test_sentences_begin_after_the_marks():
    assert sentences('He said: "No!" Then he left. ') == ['He said: "No!"', "Then he left."]
    assert sentences("yes!  !no") == ["yes!", "!", "no"]
    assert sentences("yes! !no") == ["yes! !", "no"]
    assert sentences("no end\nhere? ok.  ") == ["no end\nhere?", "ok.", ""]
    assert sentences("") == [""]


def test_long_lines_are_paragraphs():
    assert c4_paragraphs("x" * 5 + "\n" + "y" * 5, least=2, chars=5)
    assert not c4_paragraphs("x" * 5 + "\n" + "y" * 4, least=2, chars=5)


def test_fineweb_looks_at_lines():
    found = fineweb("Ends.\nno\nno\n\n")
    assert found["line_punct_ratio"] == pytest.approx(1 / 3)
    assert found["char_dup_ratio"] == pytest.approx(2 / 9)
    assert found["list_ratio"] == pytest.approx(4 / 4)
    assert fineweb("Ends.\nno", stop_chars=("no", "x"))["line_punct_ratio"] == pytest.approx(1 / 2)
    assert fineweb_reason("Ends.\nno\nno\n\n") == "short_line_ratio"
