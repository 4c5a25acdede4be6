from __future__ import annotations

import time

import pytest

from penstock.process.language import Language

ENGLISH = "This is a perfectly ordinary sentence about the weather."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENGLISH, "en"),
        (ENGLISH.upper(), "en"),
        (ENGLISH.replace(" ", "\n"), "en"),
        ("这家酒店的服务态度非常好", "zh"),
        ("Das ist ein ganz gewöhnlicher Satz über das Wetter.", "de"),
        ("هذه جملة عادية عن الطقس", "ar"),
        (None, None), ("", None), ("12345 :-) \U0001f600", None),
    ],
)  # fmt: skip
def test_names_the_language(apply_to, text, expected):
    document, verdict = apply_to(Language(), text)
    assert (document["lang"], verdict) == (expected, None)
    assert (document["lang_score"] is None) == (expected is None)
    assert document["lang_score"] is None or 0 < document["lang_score"] <= 1


def test_an_answer_comes_from_the_candidates(apply_to):
    step = Language(candidates=("en", "zh"))
    assert apply_to(Language(), "la vida ok no")[0]["lang"] != "en"
    assert apply_to(step, "la vida ok no")[0]["lang"] == "en"
    assert apply_to(step, "Das ist ein Satz.")[0]["lang"] is None
    assert apply_to(step, "很好")[0]["lang"] == "zh"


def test_drops_what_is_not_to_be_kept(apply_to):
    _, verdict = apply_to(Language(keep=("zh",)), ENGLISH)
    assert (verdict.reason, verdict.detail) == ("language_not_kept", "en")
    assert apply_to(Language(keep=("zh",)), None)[1].reason == "language_not_kept"
    assert apply_to(Language(keep=("en",)), ENGLISH)[1] is None


def test_drops_what_is_unsure(apply_to):
    _, verdict = apply_to(Language(min_score=1.0), "ok la vida")
    assert verdict.reason == "language_unsure"
    assert verdict.value < 1


def test_a_huge_text_takes_no_longer_than_its_beginning(apply_to):
    apply_to(Language(), ENGLISH)
    started = time.process_time()
    assert apply_to(Language(), ENGLISH * 1_000_000)[0]["lang"] == "en"
    assert time.process_time() - started < 2
