from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.errors import ContractError, RecipeError
from penstock.process.quality.bad_words import BadWords
from penstock.process.worker_files import read_uri
from support.golden_rules import LISTED, LISTED_SHARES, TEXTS

LISTS = {"en": ["Rude", "very rude", "a.b"], "ja": ["エロ", "グロ"], "*": ["grob"]}


@pytest.mark.parametrize(
    ("definition", "text", "word"),
    [
        ("c4", "It is RUDE.", "rude"), ("c4", "rude", "rude"), ("c4", "rudely said", None), ("c4", "_rude_", None),
        ("c4", "so-rude!", "rude"), ("c4", "Érude", None), ("c4", "a very rude man", "very rude"), ("c4", "a.b", "a.b"),
        ("c4", "axb", None), ("c4", "", None), ("c4", None, None),
        ("dolma", "so rude .", "rude"), ("dolma", "rude.", None), ("dolma", "overy rudeness", "very rude"),
        ("data_juicer", "so “Rude”, he", "rude"), ("data_juicer", " ".join(["fine"] * 30 + ["rude"]), None),
        ("data_juicer", "", None),
    ],
)  # fmt: skip
def test_finds_words_as_the_tool_does(apply_to, definition, text, word):
    _, verdict = apply_to(BadWords(lists=LISTS, definition=definition), text)
    assert (verdict and verdict.detail) == word
    assert verdict is None or (verdict.reason == "bad_words" and verdict.value > 0)


def test_the_list_is_that_of_the_language(apply_to):
    step = BadWords(lists=LISTS)
    assert apply_to(step, "これはエロい", lang="ja")[1].detail == "エロ"
    assert apply_to(step, "rude", lang="de")[1] is None
    assert apply_to(step, "grob", lang="de")[1].detail == "grob"
    assert apply_to(BadWords(lists={"en": ["rude"]}), "rude", lang="de")[1] is None


def test_the_share_can_be_kept_as_a_column(apply_to):
    step = BadWords(lists=LISTS, definition="data_juicer", annotate="bad")
    document, verdict = apply_to(step, "rude ok")
    assert (document["bad"], verdict) == (0.5, None)
    assert apply_to(BadWords(lists=LISTS, definition="data_juicer", max=0.5), "rude ok")[1] is None


def test_a_share_of_the_documents_is_spared_always_the_same(apply_to):
    step = BadWords(lists=LISTS, keep_share=0.5)
    spared = [apply_to(step, f"rude {n}")[1] is None for n in range(200)]
    assert 60 < sum(spared) < 140
    assert spared == [apply_to(step, f"rude {n}")[1] is None for n in range(200)]


def test_another_seed_spares_others(apply_to):
    first, second = (
        [
            apply_to(BadWords(lists=LISTS, keep_share=0.5, seed=seed), f"rude {n}")[1] is None
            for n in range(200)
        ]
        for seed in (0, 1)
    )
    assert 60 < sum(a != b for a, b in zip(first, second, strict=True)) < 140


def test_the_words_that_c4_allows_never_count(apply_to):
    assert apply_to(BadWords(lists=LISTS), "これはグロい", lang="ja")[1] is None
    assert apply_to(BadWords(lists=LISTS, allowed=[]), "これはグロい", lang="ja")[1].detail == "グロ"
    assert apply_to(BadWords(lists=LISTS, definition="data_juicer"), "グロ", lang="ja")[1].detail == "グロ"
    assert apply_to(BadWords(lists=LISTS, allowed=["RUDE", "very rude"]), "a very rude man")[1] is None
    with pytest.raises(RecipeError, match="the list ja that is not allowed"):
        BadWords(lists={"ja": ["グロ"]}).prepare(read_uri)


def test_a_language_without_a_list_can_leave_or_fail(apply_to):
    lists = {"en": ["rude"]}
    assert apply_to(BadWords(lists=lists, missing="drop"), "x", lang="de")[1] == (
        "bad_words_no_list",
        None,
        "de",
    )
    assert apply_to(BadWords(lists=lists, missing="drop", default_language="fr"), "x")[1].detail == "fr"
    failure = apply_to(BadWords(lists=lists, missing="fail"), "x", lang="de")[1]
    assert isinstance(failure, ContractError)
    assert "expected a list for the language 'de', got lists for en" in str(failure)
    assert apply_to(BadWords(lists=lists, missing="fail"), "x", lang="en")[1] is None
    assert apply_to(BadWords(lists=LISTS, missing="fail"), "x", lang="de")[1] is None


def test_wrong_parameters_are_refused():
    with pytest.raises(ValidationError, match="keep_share is for the definition c4"):
        BadWords(lists=LISTS, keep_share=0.5, definition="dolma")
    with pytest.raises(ValidationError):
        BadWords(lists={})


def test_a_long_list_is_one_pattern(apply_to):
    step = BadWords(lists={"en": [f"bad{n}" for n in range(20_000)]})
    assert apply_to(step, "this is bad19999.")[1].detail == "bad19999"


@pytest.mark.parametrize(("text", "share"), zip(TEXTS, LISTED_SHARES, strict=True))
def test_measures_what_data_juicer_measures(apply_to, text, share):
    step = BadWords(lists={"en": LISTED}, definition="data_juicer", annotate="share")
    assert apply_to(step, text)[0]["share"] == pytest.approx(share, abs=1e-6)
