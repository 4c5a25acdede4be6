from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import RecipeError
from penstock.process.quality.periodic_repetition import PeriodicRepetition, most_repeated
from penstock.process.step import Drop
from penstock.process.worker_files import prepare, read_uri
from support.step_examples import TOKENIZER


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("a b c d", 1), ("a a b", 2), ("x a b a b a b y", 3), ("a b c a b c a b", 2), ("a", 1),
        ("a\na\n\na", 3), ("", None), (" \n", None), (None, None),
    ],
)  # fmt: skip
def test_counts_how_often_in_a_row(apply_to, text, times):
    document, verdict = apply_to(PeriodicRepetition(annotate="times"), text)
    assert (document["times"], verdict) == (times, None)


def test_the_published_bound_is_thirty_two_times(apply_to):
    verse = "row your boat "
    assert apply_to(PeriodicRepetition(), verse * 31)[1] is None
    assert apply_to(PeriodicRepetition(), f"so {verse * 32} gently")[1] == Drop(
        "periodic_repetition", 32.0, "row your boat"
    )
    assert apply_to(PeriodicRepetition(max_period=2), verse * 99)[1] is None
    assert apply_to(PeriodicRepetition(max=2), verse * 3)[1].value == 3


def test_tokens_of_a_model_find_what_has_no_blanks(apply_to, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(TOKENIZER))
    step = PeriodicRepetition(tokenizer=str(path))
    assert apply_to(step, "the,tea," * 31)[1] is None
    verdict = apply_to(step, "the,tea," * 32)[1]
    assert (verdict.value, verdict.reason) == (32, "periodic_repetition")
    assert apply_to(PeriodicRepetition(), "the,tea," * 32)[1] is None
    assert apply_to(step, "")[1] is None
    path.write_text("{}")
    with pytest.raises(RecipeError, match=r"periodic_repetition: expected a tokenizer\.json"):
        prepare([step], read_uri)


def slow(ids: list[int], max_period: int) -> int:
    """Count as the definition says, sequence by sequence."""
    most = 1 if ids else 0
    for period in range(1, max_period + 1):
        for start in range(len(ids)):
            times = 1
            while ids[start + times * period :][:period] == ids[start:][:period]:
                times += 1
            if start + period <= len(ids):
                most = max(most, times)
    return most


@given(st.lists(st.integers(0, 2), min_size=1, max_size=40), st.integers(1, 6))
def test_finds_what_a_search_from_every_place_finds(ids, max_period):
    times, start, period = most_repeated(np.array(ids), max_period)
    assert times == slow(ids, max_period)
    assert ids[start : start + period] * times == ids[start : start + period * times]
