"""Compiled loops: judge the candidate pairs of every bucket and join what is similar.

A bucket of n documents costs at most ``n * representatives`` comparisons, however it came about: each member is
compared with the first documents of the bucket that are not yet known to be similar to each other. This module imports
numba; import it where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from penstock.text.kernel.compiled import compiled, compiled_with_memory

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHINGLES, SIGNATURE, NONE = 0, 1, 2
MODES = {"shingles": SHINGLES, "signature": SIGNATURE, "none": NONE}


@compiled_with_memory
def _jaccard(a: Any, b: Any, cut: int, threshold: float) -> float:
    """Jaccard similarity of two sorted sets; of sets that were cut, over the least ``cut`` elements of their union."""
    n, m = len(a), len(b)
    if n == 0 or m == 0:
        return 0.0
    is_whole = n < cut and m < cut
    if is_whole and min(n, m) < threshold * max(n, m):
        return min(n, m) / max(n, m)  # an upper bound, and below the threshold
    limit = n + m if is_whole else cut
    i = j = both = union = 0
    while i < n and j < m and union < limit:
        x, y = a[i], b[j]
        if x == y:
            both += 1
        if x <= y:
            i += 1
        if y <= x:
            j += 1
        union += 1
    union = min(limit, union + (n - i) + (m - j))
    return both / union


@compiled_with_memory
def _share_of_equal(a: Any, b: Any) -> float:
    """Share of equal 64-bit hashes of two signatures, each hash as two 32-bit halves."""
    equal = 0
    for i in range(0, len(a), 2):
        if a[i] == b[i] and a[i + 1] == b[i + 1]:
            equal += 1
    return 2.0 * equal / len(a) if len(a) else 0.0


@compiled_with_memory
def _similarity(mode: int, evidence: Any, places: Any, x: int, y: int, cut: int, threshold: float) -> float:
    if mode == NONE:
        return 1.0
    a, b = evidence[places[x, 0] : places[x, 1]], evidence[places[y, 0] : places[y, 1]]
    if mode == SIGNATURE:
        return _share_of_equal(a, b) if len(a) == len(b) else 0.0
    return _jaccard(a, b, cut, threshold)


@compiled
def _root(parents: Any, row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


@compiled_with_memory
def cluster(
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    history: int,
    evidence: NDArray[np.uint32],
    places: NDArray[np.int64],
    mode: int,
    cut: int,
    threshold: float,
    representatives: int,
) -> tuple[NDArray[np.int64], int, int]:
    """Return for each document the oldest one of its cluster, and how many pairs were compared and accepted.

    Documents are numbered from the oldest on; the first ``history`` of them are published and not compared with each
    other. Bucket ``b`` is ``rows[starts[b]:starts[b + 1]]``, oldest first; a document's evidence lies from
    ``places[row, 0]`` to ``places[row, 1]``.
    """
    parents = np.arange(len(places))
    chosen = np.empty(representatives, dtype=np.int64)
    compared = accepted = 0
    for bucket in range(len(starts) - 1):
        count = 0
        for position in range(starts[bucket], starts[bucket + 1]):
            row = rows[position]
            is_new = True
            for slot in range(count):
                there, here = _root(parents, chosen[slot]), _root(parents, row)
                if there == here:
                    is_new = False
                    continue
                if row < history:
                    continue
                compared += 1
                found = _similarity(mode, evidence, places, chosen[slot], row, cut, threshold)
                if found >= threshold:
                    accepted += 1
                    is_new = False
                    parents[max(there, here)] = min(there, here)
            if is_new and count < representatives:
                chosen[count] = row
                count += 1
    for row in range(len(parents)):
        parents[row] = _root(parents, row)
    return parents, compared, accepted


@compiled_with_memory
def similarities(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    evidence: NDArray[np.uint32],
    places: NDArray[np.int64],
    mode: int,
    cut: int,
) -> NDArray[np.float64]:
    """Return the similarity of each pair of documents."""
    found = np.empty(len(left), dtype=np.float64)
    for i in range(len(left)):
        found[i] = _similarity(mode, evidence, places, left[i], right[i], cut, 0.0)
    return found
