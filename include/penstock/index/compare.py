"""Compare a day's documents with each other and with the history: who is a near-duplicate of whom.

Published documents are older than the day's, and those of the day are ordered by id. A day document that shares a
bucket with older ones is compared with a bounded number of them; similar documents form a cluster, and all members
that are similar by a chain belong to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.index.documents import Documents, in_a_row
from penstock.index.scheme import Scheme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from penstock.index.segment import Part, Segment

REPRESENTATIVES = 16
"""Documents of one bucket that each later member is compared with; half of them may be published ones."""


@dataclass(frozen=True)
class Clusters:
    """The outcome: ``cluster[i]`` is the number of the oldest document of the cluster of day document ``i``.

    Numbers below ``len(history_ids)`` are published documents, from the oldest on; the others are the day's, shifted
    by that length. ``evidence`` has all of them, the evidence itself only of those that share a bucket.
    """

    history_ids: Sequence[str]
    cluster: NDArray[np.int64]
    compared: int
    accepted: int
    evidence: Documents

    @property
    def history(self) -> int:
        """How many published documents share a bucket with one of the day."""
        return len(self.history_ids)


def find_clusters(
    day: Documents,
    scheme: Scheme,
    threshold: float,
    *,
    history: Sequence[tuple[Segment, Part]] = (),
    representatives: int = REPRESENTATIVES,
) -> Clusters:
    """Return the clusters of the day's documents, which are sorted by id."""
    import numpy as np

    from penstock.index import clusters as loops

    keys = day.keys.reshape(-1)
    owners = np.repeat(np.arange(len(day), dtype=np.int64), day.keys.shape[1])
    found_keys, found_rows, older = _history(keys, scheme, history, max(representatives // 2, 1))
    shift = len(older)
    all_keys = np.concatenate([found_keys, keys])
    all_rows = np.concatenate([found_rows, owners + shift])
    rows, starts = _buckets(all_keys, all_rows)
    shared = np.unique(rows)
    together = _joined(older, day.with_evidence_of(shared[shared >= shift] - shift))
    parents, compared, accepted = loops.cluster(
        rows,
        starts,
        shift,
        together.evidence,
        together.places,
        loops.MODES[scheme.verify],
        scheme.sketch,
        threshold,
        representatives,
    )
    return Clusters(older.ids, parents[shift:], int(compared), int(accepted), together)


def similarity_of(
    clusters: Clusters, pairs: Sequence[tuple[int, int]] | NDArray[np.int64], scheme: Scheme
) -> NDArray[np.float64]:
    """Return the similarity of pairs of numbers (as in `Clusters`) of documents that share a bucket with any other."""
    import numpy as np

    from penstock.index import clusters as loops

    numbers = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    together, mode = clusters.evidence, loops.MODES[scheme.verify]
    left, right = np.ascontiguousarray(numbers[:, 0]), np.ascontiguousarray(numbers[:, 1])
    found: NDArray[np.float64] = loops.similarities(
        left, right, together.evidence, together.places, mode, scheme.sketch
    )
    return found


def _history(
    keys: NDArray[np.uint64], scheme: Scheme, history: Sequence[tuple[Segment, Part]], limit: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64], Documents]:
    """Return the day's keys that published documents have, the number of each such document, and the documents.

    Documents are numbered, and keys ordered, by age: run key, then id.
    """
    import numpy as np

    needles = np.unique(keys)
    nothing = np.empty(0, dtype=np.int64)
    hits: list[tuple[Any, Any]] = [(nothing, nothing)]
    found: list[tuple[str, str, NDArray[np.uint32]]] = []
    for segment, parts in _by_segment(history):
        which, rows = segment.find(needles, limit, parts)
        distinct, number = np.unique(rows, return_inverse=True)
        hits.append((which, number + len(found)))
        days = _days_of(distinct, parts)
        records = segment.records(distinct)
        found += [(day, *record) for day, record in zip(days, records, strict=True)]
    by_age = sorted(range(len(found)), key=lambda number: found[number][:2])
    rank = np.empty(len(found), dtype=np.int64)
    rank[by_age] = np.arange(len(found))
    which, rows = np.concatenate([w for w, _ in hits]), rank[np.concatenate([r for _, r in hits])]
    order = np.argsort(rows, kind="stable")
    evidence = [found[number][2] for number in by_age]
    older = in_a_row(
        [found[number][1] for number in by_age],
        np.empty((len(found), 0), dtype=np.uint64),
        np.concatenate([np.empty(0, dtype=np.uint32), *evidence]),
        np.cumsum([0, *(len(one) for one in evidence)], dtype=np.int64),
    )
    return needles[which[order]], rows[order], older


def _days_of(rows: NDArray[np.int64], parts: Sequence[Part]) -> list[str]:
    """Return the day of each row of a segment."""
    import bisect

    ordered = sorted(parts, key=lambda part: part.first)
    firsts = [part.first for part in ordered]
    return [ordered[bisect.bisect_right(firsts, row) - 1].run_key for row in rows.tolist()]


def _by_segment(history: Sequence[tuple[Segment, Part]]) -> list[tuple[Segment, list[Part]]]:
    """Return each segment once, with its wanted days; segments in the order of their first day."""
    grouped: dict[int, tuple[Segment, list[Part]]] = {}
    for segment, part in sorted(history, key=lambda pair: pair[1].run_key):
        grouped.setdefault(id(segment), (segment, []))[1].append(part)
    return list(grouped.values())


def _joined(older: Documents, day: Documents) -> Documents:
    import numpy as np

    return Documents(
        ids=[*older.ids, *day.ids],
        keys=np.empty((len(older) + len(day), 0), dtype=np.uint64),
        evidence=np.concatenate([older.evidence, day.evidence]),
        begins=np.concatenate([older.begins, len(older.evidence) + day.begins]),
        ends=np.concatenate([older.ends, len(older.evidence) + day.ends]),
    )


def _buckets(
    keys: NDArray[np.uint64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of every key that two or more have, oldest first, and where each bucket begins."""
    import numpy as np

    order = np.argsort(keys, kind="stable")  # history comes first, so equal keys are in the order of age
    ordered = keys[order]
    bounds = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [len(ordered)]])
    sizes = np.diff(bounds)
    shared = sizes > 1
    picked = order[np.repeat(shared, sizes)]
    starts = np.concatenate([[0], np.cumsum(sizes[shared])])
    return rows[picked].astype(np.int64), starts.astype(np.int64)
