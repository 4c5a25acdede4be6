"""One day of a dataset through the process stage, as the platform runs it, in a process that starts everything itself.

``prepare`` publishes a corpus as the raw zone of a lake; ``python bench/day.py FOLDER`` then starts a Spark Connect
server, runs the stage (steps, audit, files, manifest, ledger) and stops the server. It prints marks for
`measure`: ``session`` (Spark answers), ``done`` (the day is published).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from penstock.store.duplicate_index import publish_index

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DATASET, START, RUN_KEY = "bench_text", date(2026, 1, 1), "2026-01-01"
ROW_GROUP = 5_000
INSTALLED = Path(__file__).parents[1] / ".penstock"


def open_run(folder: Path, steps: Sequence[dict[str, Any]], run_key: str = RUN_KEY, **others: Any) -> Run:
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


def prepare(
    folder: Path,
    tables: Iterator[pa.Table],
    steps: Sequence[dict[str, Any]],
    name: str,
    *,
    run_key: str = RUN_KEY,
) -> int:
    """Make ``folder`` ready for a day of `main`; return the bytes of text in it."""
    size = publish_raw(open_run(folder, steps, run_key), tables, name)
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

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run-key", default=RUN_KEY)
    parser.add_argument("--warm", type=Path, help="a folder whose day is run before anything counts")
    parser.add_argument("--publish-index", action="store_true", help="as the store stage does after its work")
    given = parser.parse_args()
    session = connect(ensure_running())
    try:
        if given.warm:
            process(_run_in(given.warm, RUN_KEY, session))
        mark("session")
        run = _run_in(given.folder, given.run_key, session)
        receipt = process(run)
        if given.publish_index:
            clean = run.upstream(Zone.CLEAN)
            publish_index(run.lake, clean, clean)
        mark("done")
        result(receipt.as_dict())
    finally:
        session.stop()
        release()


def _run_in(folder: Path, run_key: str, session: SparkSession) -> Run:
    steps = json.loads((folder / "steps.json").read_text(encoding="utf-8"))
    return open_run(folder, steps, run_key, spark=lambda: session)


if __name__ == "__main__":
    main()
