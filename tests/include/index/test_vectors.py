from __future__ import annotations

import numpy as np

from penstock.index.vectors import cosines, near_pairs


def test_pairs_are_those_of_brute_force():
    draw = np.random.default_rng(1)
    first = draw.normal(size=(150, 32)).astype(np.float32)
    vectors = np.concatenate(
        [first, first[:40] * 3 + draw.normal(scale=0.05, size=(40, 32)).astype(np.float32)]
    )
    rows, others = np.triu_indices(len(vectors), 1)
    expected = {
        (a, b) for a, b, c in zip(rows, others, cosines(vectors, rows, others), strict=True) if c >= 0.95
    }
    found = near_pairs(vectors, 0.95, 8)
    assert {tuple(pair) for pair in found.tolist()} == expected
    assert len(expected) == 40
    assert (near_pairs(vectors, 0.95, 8) == found).all()


def test_few_vectors_and_one_without_direction():
    assert near_pairs(np.empty((0, 4), dtype=np.float32), 0.9, 4).shape == (0, 2)
    assert near_pairs(np.ones((1, 4), dtype=np.float32), 0.9, 4).shape == (0, 2)
    assert near_pairs(np.array([[0, 0], [1, 1], [2, 2]], dtype=np.float32), 0.9, 4).tolist() == [[1, 2]]
