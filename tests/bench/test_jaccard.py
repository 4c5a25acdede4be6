from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def similar_pairs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    from jaccard import similar_pairs

    return similar_pairs


def of(*sets):
    return [np.array(sorted(s), dtype=np.uint64) for s in sets]


@pytest.mark.parametrize("threshold", [0.5, 0.8, 1.0])
def test_finds_what_comparing_all_pairs_finds(similar_pairs, threshold):
    chance = random.Random(7)
    sets: list[set[int]] = [set(), set()]
    for _ in range(60):
        first = {chance.randrange(200) for _ in range(chance.randrange(1, 40))}
        sets += [first, {x for x in first if chance.random() < 0.9}, first | {chance.randrange(200)}]
    expected = {
        (i, j): len(a & b) / len(a | b)
        for (i, a), (j, b) in combinations(enumerate(sets), 2)
        if a and b and len(a & b) / len(a | b) >= threshold
    }
    assert similar_pairs(of(*sets), threshold) == expected
    assert len(expected) > 20


def test_exactly_the_threshold_counts(similar_pairs):
    assert similar_pairs(of({1, 2, 3, 4}, {1, 2, 3, 4, 5}, {9}), 0.8) == {(0, 1): 0.8}


def test_nothing_is_similar_to_nothing(similar_pairs):
    assert similar_pairs(of(set(), set()), 0.8) == {}
    assert similar_pairs([], 0.8) == {}
