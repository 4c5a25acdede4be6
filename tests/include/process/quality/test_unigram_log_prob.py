from __future__ import annotations

import math

import pytest

from penstock.errors import RecipeError
from penstock.process.quality.unigram_log_prob import UNKNOWN, UnigramLogProb
from penstock.process.worker_files import prepare, read_uri

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
