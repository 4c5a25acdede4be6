"""Does near-duplicate removal find datatrove's clusters, and the truth?

    python bench/peers.py install datatrove
    python bench/duplicate_decisions.py CORPUS... [--sample-megabytes 20]

Two days of the process stage over the same documents: ``as_datatrove`` (14 x 8, a shared band is a duplicate) is
compared with the clusters of datatrove's own stages; ``default`` (the recipe's defaults, edges verified) with every
pair of Jaccard >= 0.8, computed exactly from datatrove's shingles (`jaccard`).

- ``same_clusters``: of the documents, those whose cluster has exactly the same members in both.
- ``recall``: of the pairs that are similar, those that are in one cluster.
- ``precision``: of the dropped documents, those that are similar to a document of their cluster.
- ``precision_kept``: of the dropped documents, those that are similar to the one that was kept (chains join others).
Goals: 99 %, 0.98, 0.99.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from pyarrow import parquet

import chain
import day
from agreement import share
from jaccard import jaccard, similar_pairs
from measure import measure
from peers import PEERS, python_of
from report import save
from text_speed import Bench

THRESHOLD, LISTED = 0.8, 200
GOALS = {"same_clusters": 0.99, "recall": 0.98, "precision": 0.99}
SCHEMES: dict[str, tuple[dict[str, Any], ...]] = {
    "as_datatrove": chain.DUPLICATES,
    "default": chain.MODES["near_duplicates_verified"],
}
Clusters = Mapping[str, str | None]


def ask_datatrove(sample: Path, out: Path) -> tuple[dict[str, str | None], list[str], list[Any]]:
    """Return datatrove's clusters by document, and the ids with the shingles of each."""
    script = PEERS / "datatrove" / "clusters.py"
    with (out.parent / "datatrove.log").open("w") as log:
        subprocess.run(
            [str(python_of("datatrove")), str(script), str(sample), str(out)],
            check=True,
            stdout=log,
            stderr=log,
        )
    table = parquet.read_table(out / "clusters.parquet")
    names = table["id"].to_pylist()
    clusters = {
        name: None if number is None else str(number)
        for name, number in zip(names, table["cluster"].to_pylist(), strict=True)
    }
    return clusters, names, [cell.values.to_numpy() for cell in table["shingles"]]


def run_day(bench: Bench, sample: Path, steps: list[dict[str, Any]], name: str) -> tuple[Clusters, set[str]]:
    """Return our clusters by document, and the documents that were dropped."""
    folder = bench.scratch / name
    day.prepare(folder, day.read_corpus(sample), steps, name)
    measure(
        [sys.executable, day.__file__, str(folder)], log=folder / "log.txt", env=day.environment(bench.home)
    )
    clusters: dict[str, str | None] = {}
    dropped: set[str] = set()
    for table in day.read_zones(day.open_run(folder, steps)):
        rows = table.select(["doc_id", "duplicate_cluster", "drop_step"]).to_pydict()
        clusters.update(zip(rows["doc_id"], rows["duplicate_cluster"], strict=True))
        dropped.update(
            n for n, step in zip(rows["doc_id"], rows["drop_step"], strict=True) if step == "near_duplicates"
        )
    return clusters, dropped


def members(clusters: Clusters) -> dict[str, frozenset[str]]:
    """Return for each document all documents of its cluster; itself when it is alone."""
    groups: dict[str, set[str]] = defaultdict(set)
    for name, cluster in clusters.items():
        if cluster is not None:
            groups[cluster].add(name)
    frozen = {cluster: frozenset(group) for cluster, group in groups.items()}
    return {
        name: frozenset([name]) if cluster is None else frozen[cluster] for name, cluster in clusters.items()
    }


def same_clusters(ours: Clusters, theirs: Clusters) -> dict[str, Any]:
    """Return how far two partitions agree."""
    our, their = members(ours), members(theirs)
    different = sorted(name for name in their if our.get(name) != their[name])
    return {
        "same_clusters": share(len(their) - len(different), len(their)),
        "clusters": len({group for group in our.values() if len(group) > 1}),
        "clusters_of_peer": len({group for group in their.values() if len(group) > 1}),
        "different": different,
    }


def judge_truth(
    clusters: Clusters, dropped: set[str], pairs: Mapping[tuple[str, str], float]
) -> tuple[dict[str, Any], list[str]]:
    """Return recall and precision against the pairs that are similar, and the documents dropped without such a pair."""
    together = members(clusters)
    similar: dict[str, set[str]] = defaultdict(set)
    for left, right in pairs:
        similar[left].add(right)
        similar[right].add(left)
    found = sum(right in together.get(left, ()) for left, right in pairs)
    unjustified = sorted(name for name in dropped if not similar[name] & together[name])
    with_kept = sum(clusters[name] in similar[name] for name in dropped)
    judged = {
        "similar_pairs": len(pairs),
        "dropped": len(dropped),
        "recall": share(found, len(pairs)),
        "precision": share(len(dropped) - len(unjustified), len(dropped)),
        "precision_kept": share(with_kept, len(dropped)),
    }
    return judged, unjustified


def nearest(name: str, others: frozenset[str], sets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the member of its cluster that a document is most similar to."""
    found = {other: jaccard(sets[name], sets[other]) for other in others if other != name}
    best = max(found, key=lambda other: found[other])
    return {
        "id": name,
        "nearest": best,
        "jaccard": found[best],
        "shingles": [len(sets[name]), len(sets[best])],
    }


def judge(bench: Bench, corpus: Path) -> list[dict[str, Any]]:
    """Return the rows of one corpus."""
    sample, _, note = bench.sample(corpus)
    theirs, names, shingles = ask_datatrove(sample, bench.scratch / f"datatrove-{corpus.name}")
    pairs = {(names[i], names[j]): value for (i, j), value in similar_pairs(shingles, THRESHOLD).items()}
    sets, rows = dict(zip(names, shingles, strict=True)), []
    for scheme, wanted in SCHEMES.items():
        steps, missing = chain.available(wanted)
        row: dict[str, Any] = {"corpus": corpus.name, "scheme": scheme, "documents": len(names)}
        if missing:
            rows.append({**row, "note": f"no step: {', '.join(missing)}"})
            continue
        clusters, dropped = run_day(bench, sample, steps, f"{scheme}-{corpus.name}")
        judged, unjustified = judge_truth(clusters, dropped, pairs)
        together = members(clusters)
        listed = [nearest(name, together[name], sets) for name in unjustified[:LISTED]]
        rows.append({**row, **same_clusters(clusters, theirs), **judged, "note": note, "unjustified": listed})
    return rows


def main() -> None:
    """Judge every corpus and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--sample-megabytes", type=float, default=1000)
    given = parser.parse_args()
    scratch = Path(mkdtemp(prefix="penstock-bench-"))
    try:
        rows = [
            row for corpus in given.corpora for row in judge(Bench(scratch, given.sample_megabytes), corpus)
        ]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    listed = {
        key: {f"{row['corpus']}/{row['scheme']}": row.pop(key, [])[:LISTED] for row in rows}
        for key in ("different", "unjustified")
    }
    save("duplicate_decisions", rows, goals=GOALS, threshold=THRESHOLD, **listed)


if __name__ == "__main__":
    main()
