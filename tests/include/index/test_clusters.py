from __future__ import annotations

import random

import numpy as np
import pytest

from penstock.index.clusters import MODES, cluster, similarities


def flat(sets):
    arrays = [np.array(sorted(s), dtype=np.uint32) for s in sets]
    offsets = np.cumsum([0, *map(len, arrays)], dtype=np.int64)
    places = np.stack([offsets[:-1], offsets[1:]], axis=1)
    return np.concatenate([np.empty(0, dtype=np.uint32), *arrays]), places


def similarity(a, b, cut=1024, mode="shingles"):
    evidence, places = (
        flat([a, b])
        if mode == "shingles"
        else (np.array([*a, *b], dtype=np.uint32), np.array([[0, len(a)], [len(a), len(a) + len(b)]]))
    )
    zero, one = np.array([0]), np.array([1])
    return similarities(zero, one, evidence, places, MODES[mode], cut)[0]


def clustered(sets, buckets, history=0, threshold=0.8, representatives=4, mode="shingles"):
    evidence, places = flat(sets)
    rows = np.array([row for bucket in buckets for row in bucket], dtype=np.int64)
    starts = np.cumsum([0, *map(len, buckets)], dtype=np.int64)
    parents, compared, accepted = cluster(
        rows, starts, history, evidence, places, MODES[mode], 1024, threshold, representatives
    )
    return parents.tolist(), compared, accepted


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (set(), set(), 0.0),
        (set(), {1}, 0.0),
        ({1}, {1}, 1.0),
        ({1, 2, 3}, {2, 3, 4}, 0.5),
        ({1, 2}, {3, 4}, 0.0),
        ({0, 2**32 - 1}, {2**32 - 1}, 0.5),
    ],
)
def test_jaccard_of_whole_sets_is_exact(a, b, expected):
    assert similarity(a, b) == expected
    assert similarity(b, a) == expected


def test_jaccard_of_random_sets_is_that_of_python():
    draw = random.Random(3)
    for _ in range(300):
        a, b = ({draw.randrange(60) for _ in range(draw.randrange(1, 50))} for _ in range(2))
        assert similarity(a, b) == pytest.approx(len(a & b) / len(a | b))


def test_jaccard_of_cut_sets_estimates_the_whole():
    draw = random.Random(5)
    universe = draw.sample(range(2**32), 24_000)
    a, b = set(universe[:20_000]), set(universe[2_000:22_000])
    whole = len(a & b) / len(a | b)
    found = similarity(sorted(a)[:1024], sorted(b)[:1024])
    assert abs(found - whole) < 3 * 0.5 / 1024**0.5


def test_signatures_are_compared_hash_by_hash():
    a = [1, 2, 3, 4, 5, 6, 7, 8]
    assert similarity(a, [1, 2, 3, 9, 5, 6, 9, 8], mode="signature") == 0.5
    assert similarity(a, a, mode="signature") == 1.0
    assert similarity([], [], mode="signature") == 0.0
    assert similarity(a, a[:4], mode="signature") == 0.0


def test_a_member_that_the_first_of_a_bucket_refuses_finds_the_second():
    a, b = set(range(100)), set(range(200, 300))
    parents, compared, accepted = clustered([a, b, b | {1}, a | {1000}], [[0, 1, 2, 3]])
    assert parents == [0, 1, 1, 0]
    assert (compared, accepted) == (5, 2)


def test_comparisons_of_a_bucket_are_bounded():
    sets = [{n * 1000 + k for k in range(30)} for n in range(500)]
    parents, compared, _ = clustered(sets, [list(range(500))], representatives=4)
    assert parents == list(range(500))
    assert compared <= 500 * 4


def test_what_is_known_to_be_similar_is_not_compared_again():
    same = set(range(50))
    parents, compared, _ = clustered([same] * 100, [list(range(100))] * 14)
    assert set(parents) == {0}
    assert compared == 99


def test_a_chain_is_one_cluster():
    sets = [set(range(n * 10, 100 + n * 10)) for n in range(4)]
    parents, _, _ = clustered(sets, [[0, 1], [1, 2], [2, 3]])
    assert parents == [0, 0, 0, 0]
    assert similarity(sets[0], sets[3]) < 0.8


def test_published_documents_are_not_compared_with_each_other():
    same = set(range(50))
    parents, compared, _ = clustered([same, same, {9999}], [[0, 1, 2]], history=2)
    assert (parents, compared) == ([0, 1, 2], 2)
    parents, _, _ = clustered([same, same, same], [[0, 1, 2]], history=2)
    assert parents == [0, 0, 0]


def test_without_evidence_a_bucket_is_a_cluster():
    parents, _, _ = clustered([set()] * 5, [[0, 2], [2, 4]], mode="none")
    assert parents == [0, 1, 0, 3, 0]


def test_no_buckets_and_no_documents():
    assert clustered([], []) == ([], 0, 0)
    assert clustered([{1}], []) == ([0], 0, 0)
