from __future__ import annotations

import math

import pytest

from penstock.errors import RecipeError
from penstock.process.quality.unigram_log_prob import UNKNOWN, UnigramLogProb
from penstock.process.worker_files import prepare, read_uri
from support.golden_rules import TEXTS

COUNTS = ["word,count", "the,750", "tea,250"]


def test_the_mean_of_the_logarithms(apply_to):
    step = UnigramLogProb(frequencies=COUNTS, annotate="log")
    document, _ = apply_to(step, "The tea, xyzzy.")
    assert document["log"] == pytest.approx((math.log(0.75) + math.log(0.25) + UNKNOWN) / 3, abs=1e-6)
    assert apply_to(step, "")[0]["log"] is None


def test_the_published_threshold_itself_does_not_stay(apply_to):
    step = UnigramLogProb(frequencies=COUNTS)
    assert apply_to(step, "the tea")[1] is None
    assert apply_to(step, None)[1] is None
    _, verdict = apply_to(step, "xyzzy plugh")
    assert (verdict.reason, verdict.value, verdict.detail) == ("unigram_log_prob", UNKNOWN, "less than -10")
    assert apply_to(UnigramLogProb(frequencies=COUNTS, min=-30), "xyzzy")[1] is None


@pytest.mark.parametrize("wrong", [["the,5", "tea"], ["a,5", "b,x"], ["the,0"]])
def test_a_list_of_something_else_is_refused(wrong):
    with pytest.raises(RecipeError, match="unigram_log_prob: expected"):
        prepare([UnigramLogProb(frequencies=wrong)], read_uri)


GOLDEN_COUNTS = [
    "the,900", "and,420", "to,400", "of,390", "he,120", "go,75", "buy,41", ".,30", ",,28", "'s,11", "word3,7",
]  # fmt: skip
GOLDEN = (-15.684994, -19.737805, -13.950848, -19.967383, -20.723266, -18.210633, -11.38501, -17.219344)
"""What get_logprob of datatrove 0.10.1's UnigramLogProbFilter (spaCy 3.8) says with these frequencies."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *zip(TEXTS, GOLDEN, strict=True),
        ("He's to buy the U.K.'s tea, and don't go!", -9.569058), ("", 0.0), (" \n", 0.0), (None, 0.0),
    ],
)  # fmt: skip
def test_measures_what_datatrove_measures(apply_to, text, expected):
    parameters = {"frequencies": GOLDEN_COUNTS, "definition": "datatrove"}
    document, _ = apply_to(UnigramLogProb(**parameters, annotate="log"), text)
    assert document["log"] == pytest.approx(expected, abs=2e-6)
    assert (apply_to(UnigramLogProb(**parameters), text)[1] is None) == (expected > -10)


def test_a_lone_surrogate_is_a_word_too(apply_to):
    step = UnigramLogProb(frequencies=COUNTS, definition="datatrove", annotate="log")
    assert apply_to(step, "the \ud800")[0]["log"] == pytest.approx((math.log(0.75) + UNKNOWN) / 2, abs=1e-6)
