"""Vectors that point in nearly the same direction, by an approximate nearest-neighbour index."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def near_pairs(vectors: NDArray[np.float32], threshold: float, neighbours: int) -> NDArray[np.int64]:
    """Return the pairs of rows whose cosine is at least ``threshold``: of each row up to ``neighbours`` nearest ones.

    The index (HNSW: Malkov and Yashunin 2018) is filled in one thread and in the order of rows: equal input gives equal
    pairs.
    """
    import numpy as np
    from usearch.index import Index

    if len(vectors) < 2:
        return np.empty((0, 2), dtype=np.int64)
    index = Index(ndim=vectors.shape[1], metric="cos", dtype="f32")
    index.add(np.arange(len(vectors)), vectors, threads=1)
    found = index.search(vectors, min(neighbours + 1, len(vectors)), threads=1)
    keys = np.asarray(found.keys).astype(np.int64).reshape(len(vectors), -1)
    rows = np.repeat(np.arange(len(vectors)), keys.shape[1])
    others = keys.reshape(-1)
    is_pair = (rows != others) & (others >= 0) & (others < len(vectors))
    rows, others = rows[is_pair], others[is_pair]
    is_near = cosines(vectors, rows, others) >= threshold  # the index's own distances are approximate
    pairs = np.stack([np.minimum(rows, others), np.maximum(rows, others)], axis=1)[is_near]
    return np.unique(pairs, axis=0)


def cosines(
    vectors: NDArray[np.float32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the cosine of each pair of rows."""
    import numpy as np

    norms = np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)
    products = np.einsum("ij,ij->i", vectors[left], vectors[right], dtype=np.float64)
    found: NDArray[np.float64] = products / (norms[left] * norms[right])
    return found
