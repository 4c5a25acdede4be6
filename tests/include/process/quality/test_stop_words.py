from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.process.quality.stop_words import StopWords
from support.golden_rules import LISTED, LISTED_SHARES, TEXTS

LISTS = {"en": ["The", "and"]}


@pytest.mark.parametrize(
    ("definition", "text", "share"),
    [
        ("penstock", "The cat and dog-like", 0.5), ("penstock", "", 0.0), ("penstock", None, 0.0),
        ("data_juicer", "“The” cat\tand ... !", 2 / 3), ("data_juicer", "...", 0.0),
    ],
)  # fmt: skip
def test_measures_as_defined(apply_to, definition, text, share):
    document, verdict = apply_to(StopWords(lists=LISTS, definition=definition, annotate="share"), text)
    assert (document["share"], verdict) == (pytest.approx(share), None)


def test_by_default_nothing_leaves(apply_to):
    assert apply_to(StopWords(lists=LISTS), "cat")[1] is None


def test_bounds_drop(apply_to):
    step = StopWords(lists=LISTS, min=0.3)
    assert apply_to(step, "cat dog")[1] == ("stop_words", 0.0, "less than 0.3")
    assert apply_to(step, "Katze Hund", lang="de")[1] is None


def test_bounds_the_wrong_way_round_are_refused():
    with pytest.raises(ValidationError, match="expected max to be at least min"):
        StopWords(lists=LISTS, min=0.5, max=0.4)


@pytest.mark.parametrize(("text", "share"), zip(TEXTS, LISTED_SHARES, strict=True))
def test_measures_what_data_juicer_measures(apply_to, text, share):
    step = StopWords(lists={"en": LISTED}, definition="data_juicer", annotate="share")
    assert apply_to(step, text)[0]["share"] == pytest.approx(share, abs=1e-6)
