from __future__ import annotations

from penstock.text.special_cases import special_cases


def test_there_are_as_many_as_in_spacy():
    assert len(special_cases()) == 1347


def test_the_pieces_spell_the_chunk():
    assert [chunk for chunk, pieces in special_cases().items() if "".join(pieces) != chunk] == []


def test_cases_that_are_words_themselves_are_left_out():
    assert not {"well", "ill", "its", "were"} & set(special_cases())
    assert special_cases()["we'll"] == ("we", "'ll")
    assert special_cases()["we’ll"] == ("we", "’ll")
