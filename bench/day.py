"""One day of a dataset through the process stage, as the platform runs it, in a process that starts everything itself.

``prepare`` publishes a corpus as the raw zone of a lake; ``python bench/day.py FOLDER`` then starts a Spark Connect
server, runs the stage (steps, audit, files, manifest, ledger) and stops the server. It prints marks for
`measure`: ``session`` (Spark answers), ``done`` (the day is published).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from measure import mark, result
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.manifest import Zone
from penstock.process.section import ProcessSection
from penstock.process.stage import process
from penstock.receipt import Outcome, Stage
from penstock.recipe import Recipe
from penstock.stage import Run, StageSpec, perform

DATASET, START = "bench_text", date(2026, 1, 1)
ROW_GROUP = 5_000
INSTALLED = Path(__file__).parents[1] / ".penstock"


def open_run(
    folder: Path, steps: Sequence[dict[str, Any]], run_key: str = "2026-01-01", **others: Any
) -> Run:
    """Return a run of the steps in the lake below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    section = ProcessSection.model_validate({"steps": list(steps)})
    recipe = Recipe.only(DATASET, start=START, process=section)
    lake, ledger = Lake(f"file://{folder}/lake"), Ledger(f"sqlite:///{folder}/ledger.db")
    return Run(recipe=recipe, run_key=run_key, lake=lake, ledger=ledger, **others)


def publish_raw(run: Run, tables: Iterator[pa.Table], name: str) -> int:
    """Publish tables of ``doc_id`` and ``text`` as the run's raw zone, a file each; return the bytes of text."""
    size = 0

    def work(attempt: Any, _: str) -> Outcome:
        nonlocal size
        rows = 0
        for number, table in enumerate(tables):
            with attempt.create(f"part-{number:05d}.parquet", rows=table.num_rows) as file:
                parquet.write_table(table, file, compression="zstd", row_group_size=ROW_GROUP)
            rows, size = rows + table.num_rows, size + text_bytes(table)
        return Outcome(rows_in=rows, rows_out=rows)

    perform(run, StageSpec(stage=Stage.TRANSFER, zone=Zone.RAW, inputs={"name": name}), work)
    return size


def text_bytes(table: pa.Table) -> int:
    """Return the bytes of UTF-8 in the column ``text``."""
    import pyarrow.compute as pc

    return int(pc.sum(pc.binary_length(table["text"])).as_py() or 0)


def read_corpus(corpus: Path, *, every: int = 1) -> Iterator[pa.Table]:
    """Yield the files of a corpus as ``doc_id`` and ``text``; of ``every`` documents, one."""
    for path in sorted((corpus / "parquet").glob("*.parquet")):
        table = parquet.read_table(path, columns=["id", "text"]).rename_columns(["doc_id", "text"])
        yield table if every == 1 else table.take(list(range(0, table.num_rows, every)))


def read_zones(
    run: Run, zones: Sequence[Zone] = (Zone.CLEAN, Zone.DROPPED, Zone.QUARANTINE)
) -> Iterator[pa.Table]:
    """Yield the files that the process stage published."""
    manifest = run.upstream(Zone.CLEAN)
    for zone in zones:
        for entry in manifest.entries(zone):
            with run.lake.open(entry.path) as stream:
                yield parquet.read_table(stream)


def prepare(folder: Path, tables: Iterator[pa.Table], steps: Sequence[dict[str, Any]], name: str) -> int:
    """Make ``folder`` ready for `main`; return the bytes of text in it."""
    size = publish_raw(open_run(folder, steps), tables, name)
    (folder / "steps.json").write_text(json.dumps(list(steps)), encoding="utf-8")
    return size


def environment(home: Path) -> dict[str, str]:
    """Return the environment for a day whose servers live in ``home``, with what an installation has left there."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "jars").exists():
        (home / "jars").symlink_to(INSTALLED / "jars")
    if not (home / "cache").exists() and (INSTALLED / "cache").exists():
        shutil.copytree(INSTALLED / "cache", home / "cache")
    return {**os.environ, "PENSTOCK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}


def main() -> None:
    """Run the stage in the folder that is given."""
    from penstock.jobs.session import connect
    from penstock.services.spark_server import ensure_running, release

    folder = Path(sys.argv[1])
    steps = json.loads((folder / "steps.json").read_text(encoding="utf-8"))
    session = connect(ensure_running())
    mark("session")
    try:
        receipt = process(open_run(folder, steps, spark=lambda: session))
        mark("done")
        result(receipt.as_dict())
    finally:
        session.stop()
        release()


if __name__ == "__main__":
    main()
