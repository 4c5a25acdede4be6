"""Does the chain decide as datatrove 0.10.1 does: the same keep or drop, the same reason, the same text?

    python bench/peers.py install datatrove
    python bench/text_decisions.py CORPUS... [--spark] [--theirs FILE] [--steps gopher_quality ...]
        [--set '{"c4": {"split_paragraph": false}}']

A corpus is a folder of `web_corpus` (``parquet/*.parquet`` with ``id``, ``text``). The documents go through datatrove's
own blocks in its own process, and through our steps as an executor runs them; with ``--spark`` also through a day
of the process stage. Every difference is kept in ``results/text_decisions.json``. Goal: 99.9 % the same reason.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from pyarrow import parquet

import chain
import day
from agreement import Agreement, Decision, compare
from measure import measure
from peers import PEERS, python_of
from penstock.process import audit
from penstock.process.document_pass import run_batches
from penstock.process.plan import DocumentPass, build_passes
from penstock.process.section import ProcessSection
from penstock.process.step import Context
from report import save

GOAL = 0.999
STEPS = (*chain.FILTERS, chain.MASK)
Parameters = dict[str, dict[str, Any]]
"""Of steps, by kind: those of datatrove's have the same names."""
BATCH_ROWS = 5_000
METRICS = {"kind": "text_metrics"}
METRICS_OF = 200
AUDIT = audit.fields()


def ask_datatrove(corpus: Path, steps: Sequence[str], parameters: Parameters, out: Path) -> None:
    """Let datatrove decide about every document."""
    inputs = [str(path) for path in sorted((corpus / "parquet").glob("*.parquet"))]
    script = PEERS / "datatrove" / "decisions.py"
    words = [*inputs, "--out", str(out), "--workers", "1", "--steps", *steps]
    words += ["--set", json.dumps(parameters)]
    subprocess.run([str(python_of("datatrove")), str(script), *words], check=True)


def read_decisions(path: Path) -> dict[str, Decision]:
    """Return datatrove's decisions by document."""
    columns = parquet.read_table(path).to_pydict()
    rows = zip(columns["id"], columns["step"], columns["reason"], columns["text"], strict=True)
    return {name: Decision(step, reason, text) for name, step, reason, text in rows}


def run_here(corpus: Path, steps: list[dict[str, Any]]) -> Iterator[pa.Table]:
    """Yield the documents after the steps, as an executor returns them."""
    (only,) = build_passes(
        ProcessSection.model_validate({"steps": steps}).steps, Context(dataset="bench", run_key="2026-01-01")
    )
    if not isinstance(only, DocumentPass):
        message = f"expected document steps only, got {steps}"
        raise TypeError(message)
    batches = (batch for table in day.read_corpus(corpus) for batch in with_audit(table))
    for batch in run_batches(only.to_json(), batches):
        yield pa.Table.from_batches([batch])


def with_audit(table: pa.Table) -> Iterable[pa.RecordBatch]:
    """Return batches with the columns that say why a row left."""
    for field in AUDIT:
        table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.combine_chunks().to_batches(max_chunksize=BATCH_ROWS)


def run_in_spark(corpus: Path, steps: list[dict[str, Any]], folder: Path) -> list[pa.Table]:
    """Return the documents after a day of the process stage."""
    day.prepare(folder, day.read_corpus(corpus), steps, corpus.name)
    command = [sys.executable, str(Path(day.__file__)), str(folder)]
    measure(command, log=folder / "log.txt", env=day.environment(folder.parent / "home"))
    return list(day.read_zones(day.open_run(folder, steps)))


def decisions_of(tables: Iterable[pa.Table]) -> dict[str, Decision]:
    """Return our decisions by document."""
    names = ["doc_id", audit.STEP, audit.REASON, audit.VALUE, "text"]
    found: dict[str, Decision] = {}
    for table in tables:
        given = [
            table[name].to_pylist() if name in table.column_names else [None] * table.num_rows
            for name in names
        ]
        for name, step, reason, value, text in zip(*given, strict=True):
            found[name] = Decision(step, reason, None if step else text, value)
    return found


def add_metrics(found: Agreement, corpus: Path) -> None:
    """Put our metrics of the document as it came beside the first differences, when the tree has the step."""
    there, _ = chain.available((METRICS,))
    wanted = {difference["id"]: difference for difference in found.differences[:METRICS_OF]}
    if not there or not wanted:
        return
    for table in run_here(corpus, there):
        names = [name for name in table.column_names if name not in ("doc_id", "text", *audit.COLUMNS)]
        for row in table.select(["doc_id", *names]).to_pylist():
            if row["doc_id"] in wanted:
                wanted[row.pop("doc_id")]["metrics"] = row


def judge(
    corpus: Path,
    theirs: dict[str, Decision],
    wanted: Sequence[str],
    parameters: Parameters,
    *,
    spark: bool,
    scratch: Path,
) -> dict[str, Any]:
    """Return what is said about one corpus."""
    chosen = tuple(step | parameters.get(step["kind"], {}) for step in STEPS if step["kind"] in wanted)
    steps, missing = chain.available(chosen)
    if not steps:
        return {"corpus": corpus.name, "missing": missing}
    start = time.perf_counter()
    here = decisions_of(run_here(corpus, steps))
    found = compare(here, theirs, missing=missing)
    row = {"corpus": corpus.name, **found.summary(), "seconds_here": time.perf_counter() - start}
    if spark:
        inside = decisions_of(run_in_spark(corpus, steps, scratch / corpus.name))
        row["spark_equal"] = inside == here
    add_metrics(found, corpus)
    return {**row, "missing": missing, "listed": found.differences}


def main() -> None:
    """Compare on every corpus and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument(
        "--spark", action="store_true", help="also inside Spark: must say the same as outside"
    )
    parser.add_argument(
        "--theirs", help="read (or keep) datatrove's decisions in CORPUS/THEIRS, for a second run"
    )
    names = [step["kind"] for step in STEPS]
    parser.add_argument("--steps", nargs="+", choices=names, default=names, help="only these, in both tools")
    parser.add_argument(
        "--set", type=json.loads, default={}, help="parameters of steps, as JSON, in both tools"
    )
    given = parser.parse_args()
    judged = []
    with TemporaryDirectory(prefix="penstock-bench-") as scratch:
        for corpus in given.corpora:
            table = corpus / given.theirs if given.theirs else Path(scratch) / f"{corpus.name}.parquet"
            if not table.exists():
                ask_datatrove(corpus, given.steps, given.set, table)
            theirs = read_decisions(table)
            judged.append(
                judge(corpus, theirs, given.steps, given.set, spark=given.spark, scratch=Path(scratch))
            )
    rows = [{k: v for k, v in row.items() if k not in ("listed", "missing")} for row in judged]
    missing = {step: why for row in judged for step, why in row["missing"].items()}
    listed = {row["corpus"]: row.get("listed", []) for row in judged}
    save(
        "text_decisions",
        rows,
        steps=given.steps,
        parameters=given.set,
        goal_same_reason=GOAL,
        missing_steps=missing,
        differences=listed,
    )


if __name__ == "__main__":
    main()
