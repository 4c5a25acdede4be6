"""What a day costs against an index of published text, as a share of the run that made the index.

    python bench/web_corpus.py --kind web --megabytes 1000 --cache CACHE --out CORPORA/web1000
    python bench/increment.py CORPORA/web1000 [--shares 0.1 0.01] [--servers warm fresh]

The first day is the whole corpus, with near-duplicates by the step's defaults and its index published; each later day
is a share of it, half of its documents being in the index already and half new (the words of a document in another
order). *fresh* counts from the moment a new Spark server answers, *warm* on one that has processed a small day before,
as ``make up`` keeps one; both to the end of the last process, CPU seconds of the whole tree (`measure`), the
publication of the index included. Goals: a day of 10 % costs at most 20 % of the full run, one of 1 % at most 6 %.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa

import day
from measure import MEGABYTE, measure
from report import said, save

GOALS = {0.1: 0.2, 0.01: 0.06}
STEPS: tuple[dict[str, Any], ...] = ({"kind": "near_duplicates"},)
WARM_DOCUMENTS = 200
TIMEOUT_S = 7200


def day_of(corpus: Path, share: float, run_key: str) -> Iterator[pa.Table]:
    """Yield a later day: every second document is one of the corpus, the others are new."""
    for number, table in enumerate(day.read_corpus(corpus, every=round(1 / share))):
        texts = [
            text if place % 2 else shuffled(text, f"{run_key} {number} {place}")
            for place, text in enumerate(table["text"].to_pylist())
        ]
        ids = [f"{run_key}-{name}" for name in table["doc_id"].to_pylist()]
        yield pa.table({"doc_id": pa.array(ids, pa.string()), "text": pa.array(texts, pa.string())})


def shuffled(text: str, seed: str) -> str:
    """Return the words of a text in an order of their own: another text, of the same cost."""
    words = text.split()
    random.Random(seed).shuffle(words)
    return " ".join(words)


class Lake:
    """A lake with an index that grows day by day, and a small day beside it that warms a server."""

    def __init__(self, scratch: Path, corpus: Path, server: str) -> None:
        self.folder, self.warm, self.home = scratch / server, scratch / f"{server}-warm", scratch / "home"
        self.server = server
        few = next(day.read_corpus(corpus)).slice(0, WARM_DOCUMENTS)
        day.prepare(self.warm, iter([few]), STEPS, "warm")

    def run(self, name: str, run_key: str, tables: Iterator[pa.Table]) -> dict[str, Any]:
        """Run one day and return its row."""
        size = day.prepare(self.folder, tables, STEPS, name, run_key=run_key)
        command = [sys.executable, day.__file__, str(self.folder), "--run-key", run_key, "--publish-index"]
        if self.server == "warm":
            shutil.rmtree(self.warm / "lake" / "03_clean", ignore_errors=True)
            command += ["--warm", str(self.warm)]
        log = self.folder / f"{name}.txt"
        usage = measure(command, log=log, env=day.environment(self.home), timeout_s=TIMEOUT_S)
        spent, receipt = usage.between("session"), usage.result
        return {
            "server": self.server,
            "day": name,
            "mb": size / MEGABYTE,
            "cpu_s": spent.cpu_s,
            "wall_s": usage.between("session", "done").wall_s,
            "peak_mb": usage.peak_mb,
            "kept": receipt["rows_out"],
            "dropped": sum(receipt["dropped"].values()),
        }


def main() -> None:
    """Measure the full run and the days after it, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--shares", nargs="+", type=float, default=list(GOALS))
    parser.add_argument("--servers", nargs="+", choices=("warm", "fresh"), default=["warm", "fresh"])
    given = parser.parse_args()
    scratch = Path(mkdtemp(prefix="penstock-bench-"))
    rows: list[dict[str, Any]] = []
    try:
        for server in given.servers:
            lake = Lake(scratch, given.corpus, server)
            full = lake.run("full", "2026-01-01", day.read_corpus(given.corpus))
            rows.append({**said(full), "share_of_full": 1.0, "goal": None})
            for number, share in enumerate(given.shares, 2):
                run_key = f"2026-01-{number:02d}"
                row = said(lake.run(f"{share:.0%}", run_key, day_of(given.corpus, share, run_key)))
                rows.append({**row, "share_of_full": row["cpu_s"] / full["cpu_s"], "goal": GOALS.get(share)})
            shutil.rmtree(lake.folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    save("increment", rows, corpus=given.corpus.name)


if __name__ == "__main__":
    main()
