"""What a megabyte of text costs, text in and Parquet out: Penstock's day inside Spark beside the peers, in one call.

    python bench/peers.py install datatrove
    python bench/text_speed.py CORPUS... [--modes filter annotate near_duplicates] [--peers datatrove rensa ...]

CPU seconds (user + system) are those of the whole process tree (`measure`). Penstock: *fresh* counts from the moment a
new Spark Connect server answers to the end of the last process, *all* also its start; the text has not been seen by
that process, and only the compiled kernel's cache is there, as after an installation (a first day of 50 documents
fills it, outside of the count). Peers: *fresh* counts after their imports; one worker. A slow peer gets a sample of
``--peer-megabytes`` (every n-th document) and its rate counts; MB are bytes of UTF-8 / 1,000,000.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
from pyarrow import parquet

import chain
import day
from measure import MEGABYTE, Usage, measure
from peers import PEERS, is_installed, python_of
from report import said, save

GOALS = {"filter": 25, "annotate": 20, "near_duplicates": 10, "near_duplicates_verified": 10}
"""Times datatrove's rate per CPU second, from a fresh session, on 500 MB or more."""
PEER_MODES = {
    "datatrove": ("filter", "near_duplicates"),
    "data_juicer": ("filter", "near_duplicates"),
    "dolma": ("filter",),
    "data_prep_kit": ("near_duplicates",),
    "text_dedup": ("near_duplicates",),
    "rensa": ("near_duplicates",),
}
COMPARED = {"annotate": "filter", "near_duplicates_verified": "near_duplicates"}
WARM_DOCUMENTS = 50
TIMEOUT_S = 7200


class Bench:
    """One call: a scratch folder with Penstock's home, and a sample of each corpus for the peers."""

    def __init__(self, scratch: Path, peer_megabytes: float) -> None:
        self.scratch, self.peer_megabytes = scratch, peer_megabytes
        self.home = scratch / "home"

    def warm(self, steps: list[dict[str, Any]], corpus: Path) -> None:
        """Fill the compiled kernel's cache, as an installation does."""
        few = next(day.read_corpus(corpus)).slice(0, WARM_DOCUMENTS)
        self.run(steps, iter([few]), "warm")

    def penstock(self, mode: str, corpus: Path) -> dict[str, Any]:
        """Return the row of one mode on one corpus."""
        steps, missing = chain.available(chain.MODES[mode])
        if not steps:
            return _row("penstock", mode, corpus, note=f"no step: {', '.join(missing)}")
        self.warm(steps, corpus)
        usage, size = self.run(steps, day.read_corpus(corpus), f"{mode}-{corpus.name}")
        note = f"without {', '.join(missing)}" if missing else ""
        return _row("penstock", mode, corpus, usage, size, kept=usage.result["rows_out"], note=note)

    def run(
        self, steps: list[dict[str, Any]], tables: Iterator[pa.Table], name: str, *, warm: Path | None = None
    ) -> tuple[Usage, int]:
        """Run a day of the steps, after the day in the folder ``warm``; return what it cost and its bytes of text."""
        folder = self.scratch / name
        size = day.prepare(folder, tables, steps, name)
        command = [sys.executable, day.__file__, str(folder), *(["--warm", str(warm)] if warm else [])]
        usage = measure(command, log=folder / "log.txt", env=day.environment(self.home), timeout_s=TIMEOUT_S)
        shutil.rmtree(folder / "lake")
        return usage, size

    def peer(self, tool: str, mode: str, corpus: Path) -> dict[str, Any]:
        """Return the row of a peer."""
        if not is_installed(tool):
            return _row(tool, mode, corpus, note="not installed")
        sample, size, note = self.sample(corpus)
        out = self.scratch / f"{tool}-{mode}-{corpus.name}"
        command = [str(python_of(tool)), str(PEERS / tool / "run.py"), str(sample), str(out), "--mode", mode]
        usage = measure(command, log=self.scratch / f"{out.name}.txt", timeout_s=TIMEOUT_S)
        shutil.rmtree(out, ignore_errors=True)
        return _row(tool, mode, corpus, usage, size, kept=(usage.result or {}).get("kept"), note=note)

    def sample(self, corpus: Path) -> tuple[Path, int, str]:
        """Return a folder with every n-th document as Parquet and JSONL, its bytes of text, and what it is."""
        whole = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["text_bytes"]
        every = max(1, round(whole / (self.peer_megabytes * MEGABYTE)))
        folder = self.scratch / f"sample-{corpus.name}"
        size = 0
        if not folder.exists():
            for form in ("parquet", "jsonl"):
                (folder / form).mkdir(parents=True)
            for number, table in enumerate(day.read_corpus(corpus, every=every)):
                self._write(folder, number, table.rename_columns(["id", "text"]))
        for path in (folder / "parquet").glob("*.parquet"):
            size += day.text_bytes(parquet.read_table(path, columns=["text"]))
        return folder, size, "" if every == 1 else f"every {every}th document"

    def _write(self, folder: Path, number: int, table: pa.Table) -> None:
        parquet.write_table(table, folder / "parquet" / f"part-{number:03d}.parquet", compression="zstd")
        with (folder / "jsonl" / f"part-{number:03d}.jsonl").open("w", encoding="utf-8") as lines:
            for row in table.to_pylist():
                lines.write(json.dumps({**row, "source": "bench"}, ensure_ascii=False) + "\n")


def _row(
    tool: str,
    mode: str,
    corpus: Path,
    usage: Usage | None = None,
    size: int = 0,
    *,
    kept: int | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Return a row of the table; all nulls without a usage."""
    row: dict[str, Any] = {
        "tool": tool,
        "mode": mode,
        "corpus": corpus.name,
        "mb": size / MEGABYTE,
        "kept": kept,
    }
    names = ("fresh_cpu_s", "all_cpu_s", "fresh_mb_per_cpu_s", "all_mb_per_cpu_s", "wall_s", "peak_mb")
    row |= dict.fromkeys(names)
    if usage is not None:
        fresh = usage.between("session")
        row |= {
            "fresh_cpu_s": fresh.cpu_s,
            "all_cpu_s": usage.total.cpu_s,
            "fresh_mb_per_cpu_s": size / MEGABYTE / fresh.cpu_s,
            "all_mb_per_cpu_s": size / MEGABYTE / usage.total.cpu_s,
            "wall_s": (usage.marks.get("done") or usage.total).wall_s - usage.marks["session"].wall_s,
            "peak_mb": usage.peak_mb,
        }
    return {**row, "note": note}


def add_ratios(rows: list[dict[str, Any]]) -> None:
    """Set how many times the rate of datatrove's mode of `COMPARED` on the same corpus each row reaches."""
    rates = {
        (row["mode"], row["corpus"]): (row["fresh_mb_per_cpu_s"], row["all_mb_per_cpu_s"])
        for row in rows
        if row["tool"] == "datatrove" and row["fresh_cpu_s"]
    }
    for row in rows:
        mode = COMPARED.get(row["mode"], row["mode"])
        fresh, everything = rates.get((mode, row["corpus"]), (None, None))
        known = fresh and row["fresh_cpu_s"]
        row["times_fresh"] = row["fresh_mb_per_cpu_s"] / fresh if known else None
        row["times_all"] = row["all_mb_per_cpu_s"] / everything if known else None


def main() -> None:
    """Measure every mode on every corpus and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--modes", nargs="+", default=list(chain.MODES), choices=list(chain.MODES))
    parser.add_argument("--peers", nargs="*", default=["datatrove"], choices=list(PEER_MODES))
    parser.add_argument("--peer-megabytes", type=float, default=20)
    parser.add_argument("--repeat", type=int, default=1, help="times that Penstock is measured")
    given = parser.parse_args()
    scratch = Path(mkdtemp(prefix="penstock-bench-"))
    bench, rows = Bench(scratch, given.peer_megabytes), []
    try:
        for corpus in given.corpora:
            for mode in given.modes:
                rows += [said(bench.peer(t, mode, corpus)) for t in given.peers if mode in PEER_MODES[t]]
                rows += [said(bench.penstock(mode, corpus)) for _ in range(given.repeat)]
            shutil.rmtree(scratch / f"sample-{corpus.name}", ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    add_ratios(rows)
    save("text_speed", rows, goals_times_fresh=GOALS)


if __name__ == "__main__":
    main()
