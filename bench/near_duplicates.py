"""Near-duplicates: quality against brute force, cost against datatrove's four stages, and what a day costs.

    python bench/near_duplicates.py [--corpus FILE.jsonl] [--megabytes N] [--peer PYTHON] [--part NAME]

Parts: quality, speed, increment (default: all).

The corpus is JSONL with ``id`` and ``text``; without one, the descriptions of what is installed here are used, with
planted copies. Every run of Penstock is a fresh process with a fresh Spark server, and CPU seconds are those of all its
processes, counted from after the session is there; datatrove (``--peer``: the interpreter that has it) is counted from
after its imports, with one worker. Goals: recall >= 0.98 and precision >= 0.99 against the exact Jaccard >= 0.8; at
least ten times datatrove; a day of 10 % of the index at most 20 % of the full run, one of 1 % at most 6 %.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from near_duplicates_quality import quality
from report import save

ROOT = Path(__file__).parents[1]
PEER = Path(__file__).with_name("near_duplicates_peer.py")
PARTS = ("quality", "speed", "increment")


def main() -> None:
    """Measure the parts that were asked for and report each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--megabytes", type=float, default=10.0)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--part", choices=PARTS, action="append")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus.jsonl")
        size = write_corpus(corpus, asked.corpus, asked.megabytes)
        wanted = asked.part or list(PARTS)
        named = {
            "megabytes": round(size / 1e6, 1),
            "corpus": asked.corpus.name if asked.corpus else "installed",
        }
        if "quality" in wanted:
            save("near_duplicates_quality", quality(corpus), **named)
        if "speed" in wanted:
            save("near_duplicates_speed", speed(corpus, size, asked.peer, Path(folder)), **named)
        if "increment" in wanted:
            save("near_duplicates_increment", increment(corpus, Path(folder)), **named)


def write_corpus(target: Path, source: Path | None, megabytes: float) -> int:
    """Write documents of together ``megabytes`` of text; return the bytes of text."""
    done = 0
    with target.open("w", encoding="utf-8") as out:
        for number, text in enumerate(_texts(source)):
            if done >= megabytes * 1e6:
                break
            out.write(json.dumps({"id": f"{number:032x}", "text": text}) + "\n")
            done += len(text.encode())
    return done


def _texts(source: Path | None) -> Iterator[str]:
    if source is not None:
        with source.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]
        return
    sys.path.insert(0, str(ROOT / "tests"))
    from support.near_duplicates import planted

    for seed in range(1000):
        yield from planted(400, seed=seed)


def speed(corpus: Path, size: int, peer: Path | None, folder: Path) -> list[dict[str, Any]]:
    """Run the whole deduplication, text in, Parquet or JSONL out."""
    found = fresh("full", corpus, folder / "speed")
    rows = [_row("penstock", found, size)]
    if peer is not None:
        command = [str(peer), str(PEER), str(corpus), str(folder / "peer")]
        said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=3600).stdout
        theirs = json.loads(said.splitlines()[-1])
        rows.append(_row("datatrove 0.10.1, 4 stages", theirs, size))
        rows[0]["times_peer"] = rows[0]["mb_per_cpu_s"] / rows[1]["mb_per_cpu_s"]
        rows[1]["times_peer"] = 1.0
    return rows


def _row(name: str, found: Mapping[str, Any], size: int) -> dict[str, Any]:
    rate = size / 1e6 / found["cpu_s"]
    return {
        "tool": name,
        "wall_s": found["wall_s"],
        "cpu_s": found["cpu_s"],
        "mb_per_cpu_s": rate,
        "gb_per_core_hour": rate * 3.6,
        "kept": found["kept"],
        "dropped": found["dropped"],
    }


def increment(corpus: Path, folder: Path) -> list[dict[str, Any]]:
    """Index the corpus but its last tenth, then run days of a tenth and a hundredth against that index."""
    full = fresh("full", corpus, folder / "increment")
    rows = [
        {"run": "full", "cpu_s": full["cpu_s"], "wall_s": full["wall_s"], "share_of_full": 1.0, "goal": None}
    ]
    for name, share, goal in (("a day of 10 %", 0.1, 0.2), ("a day of 1 %", 0.01, 0.06)):
        found = fresh(str(share), corpus, folder / "increment")
        part = found["cpu_s"] / full["cpu_s"]
        line = {
            "run": name,
            "cpu_s": found["cpu_s"],
            "wall_s": found["wall_s"],
            "share_of_full": part,
            "goal": goal,
        }
        rows.append(line)
    return rows


def fresh(what: str, corpus: Path, home: Path) -> dict[str, Any]:
    """Run a day in a process and on a Spark server of its own; return what it counted."""
    environment = {**os.environ, "PENSTOCK_HOME": str(home)}
    home.mkdir(parents=True, exist_ok=True)
    for shared in ("jars", "cache"):  # what make setup and the first run made; a user has them too
        source = ROOT / ".penstock" / shared
        if source.is_dir() and not (home / shared).exists():
            (home / shared).symlink_to(source)
    command = [sys.executable, __file__, "--inner", what, str(corpus), str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    counted: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return counted


def inner(what: str, corpus: Path, home: Path) -> None:
    """Run one day: ``full`` is the first, a share of the corpus is a later one."""
    from penstock.jobs.session import connect
    from penstock.lake import Lake
    from penstock.ledger import Ledger
    from penstock.process.duplicates.near_duplicates import NearDuplicates
    from penstock.process.section import ProcessSection
    from penstock.process.stage import process
    from penstock.recipe import Recipe
    from penstock.services.spark_server import ensure_running
    from penstock.stage import Run

    lake = Lake(f"file://{home}/lake")
    section = ProcessSection(steps=(NearDuplicates(),))
    recipe = Recipe.only("bench", process=section)
    key = {"full": "2026-11-01", "0.1": "2026-11-02", "0.01": "2026-11-03"}[what]
    session = connect(ensure_running(home, timeout_s=180), timeout_s=60)
    run = Run(recipe, key, lake, Ledger(f"sqlite:///{home}/ledger.db"), spark=lambda: session)
    _publish_raw(run, corpus, 1.0 if what == "full" else float(what))
    session.range(1).collect()
    begin, cpu = time.perf_counter(), cpu_of_all()
    receipt = process(run)
    _publish_index(run)
    counted = {
        "wall_s": time.perf_counter() - begin,
        "cpu_s": cpu_of_all() - cpu,
        "kept": receipt.rows_out,
        "dropped": sum(receipt.dropped.values()),
    }
    session.stop()
    print(json.dumps(counted))


def cpu_of_all() -> float:
    """CPU seconds of this process, of the Spark server and of its workers, ended ones included."""
    me = psutil.Process()
    mine = [me, *me.children(recursive=True)]
    marker = f"PENSTOCK_HOME={os.environ['PENSTOCK_HOME']}"
    others = [p for p in psutil.process_iter() if p not in mine and marker in _environment(p)]
    total = 0.0
    for process in {p.pid: p for p in [*mine, *others]}.values():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _environment(process: psutil.Process) -> list[str]:
    try:
        return [f"{name}={value}" for name, value in process.environ().items()]
    except psutil.Error:
        return []


def _publish_raw(run: Any, corpus: Path, share: float) -> None:
    """Publish raw rows as transfer does: eight files, half of a day's texts new and half from the index."""
    import pyarrow as pa
    from pyarrow import parquet

    from penstock.manifest import Zone
    from penstock.receipt import Outcome, Stage
    from penstock.stage import StageSpec, perform

    with corpus.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if share < 1:
        step = round(1 / share)
        rows = [
            {"id": f"{run.run_key}{n:022x}", "text": _fresh(row, n, run.run_key)}
            for n, row in enumerate(rows[::step])
        ]
    table = pa.table({"doc_id": [row["id"] for row in rows], "text": [row["text"] for row in rows]})
    size = -(-len(table) // 8)

    def work(attempt: Any, _: str) -> Outcome:
        for number in range(8):
            part = table.slice(number * size, size)
            with attempt.create(f"part-{number}.parquet", rows=len(part)) as stream:
                parquet.write_table(part, stream, compression="zstd")
        return Outcome(rows_in=len(table), rows_out=len(table))

    perform(run, StageSpec(stage=Stage.TRANSFER, zone=Zone.RAW, inputs={"share": share}), work)


def _fresh(row: Mapping[str, str], number: int, run_key: str) -> str:
    """Every second text of a day is one of the index with its words in an order of the day's own: no duplicate."""
    words = row["text"].split()
    random.Random(f"{run_key} {number}").shuffle(words)
    return row["text"] if number % 2 else " ".join(words)


def _publish_index(run: Any) -> None:
    """Let every row pass and publish the index, as validate and store do after their own work."""
    from penstock.manifest import Zone
    from penstock.store.duplicate_index import publish_index

    clean = run.upstream(Zone.CLEAN)
    publish_index(run.lake, clean, clean)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inner"]:
        inner(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
