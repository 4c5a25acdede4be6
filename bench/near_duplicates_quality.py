"""How good near-duplicates are: against every pair of an exact Jaccard similarity of 0.8 or more, by brute force.

    python bench/near_duplicates_quality.py [--corpus FILE.jsonl] [--megabytes N]

No peer is needed: `duplicate_decisions` asks datatrove, too. The corpus is JSONL with ``text``; without one, the
descriptions of what is installed here are used, with planted copies. Goals: recall >= 0.98, precision >= 0.99.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.index.compare import find_clusters
from penstock.index.documents import Documents
from penstock.index.scheme import Scheme
from penstock.index.signing import documents_of, sign
from report import save

ROOT = Path(__file__).parents[1]
THRESHOLD = 0.8
MAX_OWNERS = 2_000
"""A shingle that more documents have is left out of the search for pairs, not of their similarity."""


def quality(texts: list[str]) -> list[dict[str, Any]]:
    """Return recall and precision of each kind of evidence."""
    whole = _documents(texts, Scheme(sketch=1_000_000))
    truth = np.array(sorted(exact_pairs(whole)), dtype=np.int64).reshape(-1, 2)
    has_near = np.zeros(len(whole), dtype=bool)
    has_near[truth.reshape(-1)] = True
    rows = []
    for scheme in (Scheme(), Scheme(bands=14, rows=8), Scheme(bands=14, rows=8, verify="none")):
        found = find_clusters(_documents(texts, scheme), scheme, THRESHOLD).cluster
        dropped = np.flatnonzero(found != np.arange(len(found)))
        rows.append(
            {
                "scheme": scheme.name,
                "documents": len(whole),
                "true_pairs": len(truth),
                "recall": float((found[truth[:, 0]] == found[truth[:, 1]]).mean()) if len(truth) else 1.0,
                "dropped": len(dropped),
                "precision": float(has_near[dropped].mean()) if len(dropped) else 1.0,
            }
        )
    return rows


def exact_pairs(whole: Documents) -> Iterator[tuple[int, int]]:
    """Yield every pair at or above the threshold: the shingles of one document are counted in all later ones.

    Two documents of similarity t share one of the first ``(1 - t) * size + 1`` shingles of either, in any fixed order
    of shingles (prefix filtering: Chaudhuri, Ganti, Kaushik 2006), so only those are looked up.
    """
    owners: dict[int, list[int]] = {}
    sets = [whole.evidence_of(row) for row in range(len(whole))]
    for row, shingles in enumerate(sets):
        candidates: set[int] = set()
        for shingle in shingles[: int((1 - THRESHOLD) * len(shingles)) + 1].tolist():
            there = owners.setdefault(shingle, [])
            candidates.update(there[:MAX_OWNERS])
            there.append(row)
        for other in candidates:
            both = len(np.intersect1d(sets[other], shingles, assume_unique=True))
            if both >= THRESHOLD * (len(sets[other]) + len(shingles) - both):
                yield other, row


def _documents(texts: list[str], scheme: Scheme) -> Documents:
    ids = [f"{number:032x}" for number in range(len(texts))]
    values = [sign(pa.array(texts[at : at + 2000]), scheme) for at in range(0, len(texts), 2000)]
    column = pa.chunked_array(values)
    mask = column.is_valid()
    return documents_of(pa.chunked_array([ids]).filter(mask), column.filter(mask), scheme)


def read_texts(source: Path | None, megabytes: float) -> list[str]:
    """Return texts of together about ``megabytes``."""
    found: list[str] = []
    done = 0
    for text in _installed() if source is None else _lines(source):
        if done >= megabytes * 1e6:
            break
        found.append(text)
        done += len(text.encode())
    return found


def _lines(source: Path) -> Iterator[str]:
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _installed() -> Iterator[str]:
    sys.path.insert(0, str(ROOT / "tests"))
    from support.near_duplicates import planted

    for seed in range(1000):
        yield from planted(400, seed=seed)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--megabytes", type=float, default=10.0)
    asked = parser.parse_args()
    name = asked.corpus.name if asked.corpus else "installed"
    rows = quality(read_texts(asked.corpus, asked.megabytes))
    save("near_duplicates_quality", rows, megabytes=asked.megabytes, corpus=name)


if __name__ == "__main__":
    main()
