from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def judging(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    import duplicate_decisions

    return duplicate_decisions


def test_partitions_are_compared_by_their_members(judging):
    ours = {"a": "a", "b": "a", "c": None, "d": "d", "e": "d", "f": "d"}
    theirs = {"a": "7", "b": "7", "c": None, "d": "1", "e": "1", "f": None}
    assert judging.same_clusters(ours, theirs) == {
        "same_clusters": 0.5, "clusters": 2, "clusters_of_peer": 2, "different": ["d", "e", "f"],
    }  # fmt: skip


def test_a_chain_counts_as_found_but_not_as_similar_to_the_kept_one(judging):
    clusters = {"a": "a", "b": "a", "c": "a", "d": "d", "x": "d", "y": None, "z": None}
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("y", "z"): 0.8}
    judged, unjustified = judging.judge_truth(clusters, {"b", "c", "x"}, pairs)
    assert judged == {
        "similar_pairs": 3, "dropped": 3, "recall": 2 / 3, "precision": 2 / 3, "precision_kept": 1 / 3,
    }  # fmt: skip
    assert unjustified == ["x"]


def test_the_nearest_member_explains_a_drop(judging):
    sets = {"a": np.array([1, 2, 3]), "b": np.array([1, 2, 3, 4]), "c": np.array([9])}
    assert judging.nearest("a", frozenset("abc"), sets) == {
        "id": "a", "nearest": "b", "jaccard": 0.75, "shingles": [3, 4],
    }  # fmt: skip
