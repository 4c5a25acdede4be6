"""Does the cost of a megabyte stay the same, whatever the size and the shape of the corpus?

    python bench/scale.py --corpora CORPUS100 CORPUS500 CORPUS1000 --small CORPUS20

- *size*: the reference chain on each corpus, each in a fresh session; the cost per MB of the largest within 15 % of the
  smallest's (a session's first few CPU seconds weigh more on a small corpus: the cost of each further MB is beside
  it), the peak of memory (workers, Java and driver together, proportional set size) at most 4 GB.
- *warm*: the same, each on a server that has processed a day of ``--small`` before, as one that is up has.
- *domain*: half of the documents of ``--small`` from one domain.
- *cluster*: ``--small`` and one document in 100,000 near-copies.
- *long*: ``--small`` and one document of 200 MB.

A shape finishes, or its row says how it failed. CPU seconds are counted as `text_speed` counts them.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa

import chain
import day
from measure import MEGABYTE
from report import said, save
from text_speed import Bench

GOAL_SPREAD, GOAL_PEAK_MB = 0.15, 4000
COPIES, COPY_CHARS, CHANGED_WORDS = 100_000, 600, 2
LONG_BYTES = 200 * MEGABYTE
ROWS = 10_000


def one_domain(corpus: Path) -> Iterator[pa.Table]:
    """Yield the corpus with a ``url``: every second document is of the same domain."""
    for table in day.read_corpus(corpus):
        hosts = [
            "one.example" if i % 2 else f"{name}.example"
            for i, name in enumerate(table["doc_id"].to_pylist())
        ]
        urls = [f"https://{host}/{i}" for i, host in enumerate(hosts)]
        yield table.append_column("url", pa.array(urls, pa.string()))


def one_cluster(corpus: Path) -> Iterator[pa.Table]:
    """Yield the corpus, then one document in many copies, each with a few other words."""
    tables = list(day.read_corpus(corpus))
    yield from tables
    texts = tables[0]["text"].to_pylist()
    words = next(text for text in texts if len(text) > 2 * COPY_CHARS)[:COPY_CHARS].split()
    chance = random.Random(1)
    for start in range(0, COPIES, ROWS):
        names = [f"copy{number:012d}" for number in range(start, start + ROWS)]
        copies = [" ".join(_change(words, chance)) for _ in names]
        yield pa.table({"doc_id": pa.array(names, pa.string()), "text": pa.array(copies, pa.string())})


def _change(words: list[str], chance: random.Random) -> list[str]:
    changed = list(words)
    for _ in range(CHANGED_WORDS):
        changed[chance.randrange(len(changed))] = f"word{chance.randrange(1_000_000)}"
    return changed


def one_long(corpus: Path) -> Iterator[pa.Table]:
    """Yield the corpus, then a document of the texts one after the other, again and again."""
    tables = list(day.read_corpus(corpus))
    yield from tables
    pieces: list[str] = []
    size = 0
    for text in cycle(tables[0]["text"].to_pylist()):
        pieces.append(text)
        size += len(text.encode())
        if size >= LONG_BYTES:
            break
    yield pa.table(
        {"doc_id": pa.array(["long"], pa.string()), "text": pa.array(["\n\n".join(pieces)], pa.string())}
    )


SIZES = ("size", "warm")
SHAPES: dict[str, Callable[[Path], Iterator[pa.Table]]] = {
    "domain": one_domain,
    "cluster": one_cluster,
    "long": one_long,
}


def row_of(
    bench: Bench,
    shape: str,
    name: str,
    tables: Iterator[pa.Table],
    steps: list[dict[str, Any]],
    warm: Path | None = None,
) -> dict[str, Any]:
    """Run one shape and return its row."""
    row: dict[str, Any] = {"shape": shape, "corpus": name}
    names = ("mb", "fresh_cpu_s", "cpu_s_per_mb", "wall_s", "peak_mb", "kept", "dropped", "quarantined")
    row |= dict.fromkeys(names)
    try:
        usage, size = bench.run(steps, tables, f"{shape}-{name}", warm=warm)
    except subprocess.CalledProcessError as error:
        return {**row, "end": f"exit code {error.returncode}"}
    fresh, receipt = usage.between("session"), usage.result
    return {
        **row,
        "mb": size / MEGABYTE,
        "fresh_cpu_s": fresh.cpu_s,
        "cpu_s_per_mb": fresh.cpu_s * MEGABYTE / size,
        "wall_s": usage.marks["done"].wall_s - usage.marks["session"].wall_s,
        "peak_mb": usage.peak_mb,
        "kept": receipt["rows_out"],
        "dropped": sum(receipt["dropped"].values()),
        "quarantined": sum(receipt["quarantined"].values()),
        "end": "published",
    }


def add_further(rows: list[dict[str, Any]]) -> None:
    """Set what each size costs per MB that it has more than the size before: without what a start costs."""
    for row in rows:
        row["cpu_s_per_further_mb"] = None
    for shape in SIZES:
        sizes = [row for row in rows if row["shape"] == shape and row["cpu_s_per_mb"]]
        for before, row in pairwise(sizes):
            more = row["fresh_cpu_s"] - before["fresh_cpu_s"]
            row["cpu_s_per_further_mb"] = more / (row["mb"] - before["mb"])


def spread(rows: list[dict[str, Any]], shape: str, column: str) -> float | None:
    """Return by how much the dearest size costs more per MB than the cheapest."""
    costs = [row[column] for row in rows if row["shape"] == shape and row[column]]
    return max(costs) / min(costs) - 1 if costs else None


def main() -> None:
    """Run every size and shape and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpora", nargs="*", type=Path, default=[], help="of 100, 500 and 1,000 MB")
    parser.add_argument("--small", type=Path, help="a corpus for the shapes")
    parser.add_argument("--shapes", nargs="*", choices=list(SHAPES), default=list(SHAPES))
    parser.add_argument("--mode", choices=list(chain.MODES), default="filter")
    given = parser.parse_args()
    steps, missing = chain.available(chain.MODES[given.mode])
    if not steps:
        parser.error(f"this tree has none of the steps: {missing}")
    scratch = Path(mkdtemp(prefix="penstock-bench-"))
    bench = Bench(scratch, 0)
    try:
        bench.warm(steps, (given.corpora or [given.small])[0])
        rows = [said(row_of(bench, "size", c.name, day.read_corpus(c), steps)) for c in given.corpora]
        if given.small:
            small = given.small
            for c in given.corpora:
                before = scratch / f"before-{c.name}"
                day.prepare(before, day.read_corpus(small), steps, "before")
                rows.append(said(row_of(bench, "warm", c.name, day.read_corpus(c), steps, before)))
            rows += [said(row_of(bench, s, small.name, SHAPES[s](small), steps)) for s in given.shapes]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    goals = {"spread": GOAL_SPREAD, "peak_mb": GOAL_PEAK_MB}
    add_further(rows)
    columns = ("cpu_s_per_mb", "cpu_s_per_further_mb")
    spreads = {shape: {column: spread(rows, shape, column) for column in columns} for shape in SIZES}
    save("scale", rows, mode=given.mode, spread=spreads, goals=goals, missing_steps=missing)


if __name__ == "__main__":
    main()
