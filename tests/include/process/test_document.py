from __future__ import annotations

import pytest

from penstock.process import tokenizer
from penstock.process.document import Document


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that the real tokenizer was asked for."""
    seen: list[str] = []
    real = tokenizer.tokenize

    def spy(text: str, language: str | None = None) -> tuple[str, ...]:
        seen.append(text)
        return real(text, language)

    monkeypatch.setattr(tokenizer, "tokenize", spy)
    return seen


def test_words_are_found_once_however_often_they_are_asked_for(calls):
    document = Document({"text": "one two"})
    assert document.tokens == document.tokens == ("one", "two")
    assert calls == ["one two"]


def test_nobody_tokenizes_a_text_whose_words_are_not_asked_for(calls):
    document = Document({"text": "one two"})
    document.text = "three"
    assert calls == []


def test_a_new_text_has_new_words(calls):
    document = Document({"text": "one two"})
    assert document.tokens == ("one", "two")
    document.text = "three"
    assert document.tokens == ("three",)
    document.text = "three"
    assert document.tokens == ("three",)
    assert calls == ["one two", "three"]


def test_a_new_language_has_new_words():
    document = Document({"text": "我爱北京天安门", "lang": "ko"})
    assert document.tokens == ("我爱北京天安门",)
    document["lang"] = "zh"
    assert document.tokens == ("我", "爱", "北京", "天安门")


@pytest.mark.parametrize("text", [None, ""])
def test_no_text_has_no_words(text):
    document = Document({"text": text})
    assert (document.text, document.tokens) == ("", ())


def test_a_column_that_no_step_declared_is_refused_with_what_to_do():
    with pytest.raises(KeyError, match=r"'rating'; name it in the step's reads\(\)"):
        Document({"text": "a"})["rating"]


def test_words_of_a_huge_text_are_those_of_its_first_part():
    assert Document({"text": "ab " * 100}, max_token_chars=8).tokens == ("ab", "ab", "ab")


def test_the_text_column_may_have_another_name():
    document = Document({"body": "one"}, text_column="body")
    document.text = "two"
    assert document["body"] == "two"
