"""Which document of a cluster is kept, and what is said of the others."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from penstock.index.compare import Clusters, similarity_of
from penstock.index.scheme import Scheme
from penstock.process import audit
from penstock.process.tag import LEAVES

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

KEPT_ID, SIMILARITY, CLUSTER, IS_DROPPED = audit.DETAIL, audit.VALUE, "duplicate_cluster", LEAVES


class Keep(StrEnum):
    """The rule by which the kept document of a cluster is chosen; ties go to the least ``doc_id``.

    A published document is always kept: what was published is not taken back by a later day.
    """

    OLDEST = "oldest"
    LONGEST = "longest"
    BEST_SCORE = "best_score"


def choose_kept(clusters: Clusters, worth: NDArray[np.float64] | None) -> NDArray[np.int64]:
    """Return for each day document the number of the document that its cluster keeps.

    ``worth`` is what decides within the day, the greatest first; without it, the oldest is kept.
    """
    import numpy as np

    if worth is None:
        return clusters.cluster
    value = np.where(np.isnan(worth), -np.inf, worth)
    order = np.lexsort((np.arange(len(value)), -value, clusters.cluster))
    ordered = clusters.cluster[order]
    is_first = np.ones(len(ordered), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    best = np.full(clusters.history + len(value), -1, dtype=np.int64)
    best[ordered[is_first]] = order[is_first] + clusters.history
    best[: clusters.history] = np.arange(clusters.history)
    return best[clusters.cluster]


def verdicts_of(clusters: Clusters, kept: NDArray[np.int64], scheme: Scheme) -> pa.Table:
    """Return a row for each day document that has a near-duplicate: what is kept, how similar, and the cluster."""
    import numpy as np
    import pyarrow as pa

    numbers = np.arange(len(kept)) + clusters.history
    is_dropped = kept != numbers
    has_company = np.zeros(clusters.history + len(kept), dtype=bool)
    has_company[kept[is_dropped]] = True
    chosen = np.flatnonzero(is_dropped | has_company[clusters.history :])
    ids = clusters.evidence.ids
    pairs = np.stack([numbers[chosen], kept[chosen]], axis=1)
    found = similarity_of(clusters, pairs, scheme)
    names = [ids[number] for number in kept[chosen].tolist()]
    return pa.table(
        {
            "doc_id": pa.array([ids[number] for number in numbers[chosen].tolist()], type=pa.string()),
            KEPT_ID: pa.array(names, type=pa.string()),
            SIMILARITY: pa.array(found, type=pa.float64()),
            CLUSTER: pa.array(names, type=pa.string()),
            IS_DROPPED: pa.array(is_dropped[chosen]),
        }
    )
