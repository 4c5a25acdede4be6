"""Every pair of documents whose sets of shingles are similar: the truth that MinHash is judged by.

An exact join: by the prefix filter (Chaudhuri et al., ICDE 2006; Bayardo et al., WWW 2007) no pair at or above the
threshold is missed, and each candidate is counted in full. What a comparison of all pairs finds is what this finds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Pairs = dict[tuple[int, int], float]


def similar_pairs(sets: Sequence[NDArray[np.uint64]], threshold: float) -> Pairs:
    """Return the pairs ``(i, j)``, ``i < j``, of Jaccard similarity >= ``threshold``, with that similarity.

    ``sets`` are sorted and without repetitions; an empty set is similar to nothing.
    """
    ranked = _rarest_first(sets)
    order = sorted((i for i, found in enumerate(ranked) if len(found)), key=lambda i: len(ranked[i]))
    postings: dict[int, list[int]] = {}
    pairs: Pairs = {}
    for i in order:
        mine = ranked[i]
        prefix = mine[: len(mine) - int(np.ceil(threshold * len(mine) - 1e-9)) + 1].tolist()
        least = threshold * len(mine) - 1e-9
        candidates = {j for token in prefix for j in postings.get(token, ()) if len(ranked[j]) >= least}
        for j in candidates:
            common = _common(mine, ranked[j])
            similarity = common / (len(mine) + len(ranked[j]) - common)
            if similarity >= threshold:
                pairs[min(i, j), max(i, j)] = similarity
        for token in prefix:
            postings.setdefault(token, []).append(i)
    return pairs


def jaccard(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> float:
    """Return the similarity of two sets; 0 when both are empty."""
    common = len(np.intersect1d(left, right, assume_unique=True))
    return common / max(len(left) + len(right) - common, 1)


def _rarest_first(sets: Sequence[NDArray[np.uint64]]) -> list[NDArray[np.int64]]:
    """Return each set as ranks, sorted: the rarest token of the corpus has rank 0."""
    if not sets or not sum(map(len, sets)):
        return [np.empty(0, np.int64) for _ in sets]
    tokens, inverse, counts = np.unique(np.concatenate(sets), return_inverse=True, return_counts=True)
    rank = np.empty(len(tokens), np.int64)
    rank[np.argsort(counts, kind="stable")] = np.arange(len(tokens))
    cuts = np.cumsum([len(found) for found in sets])[:-1]
    return [np.sort(found) for found in np.split(rank[inverse], cuts)]


@njit(cache=False)
def _common(left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
    i = j = common = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            common += 1
            i += 1
            j += 1
        elif left[i] < right[j]:
            i += 1
        else:
            j += 1
    return common
