"""What datatrove's own filters decide about each document: its blocks, called one document at a time.

    <datatrove>/bin/python decisions.py INPUT.parquet... --out decisions.parquet [--workers 2] [--steps c4 fineweb]
        [--set '{"c4": {"split_paragraph": false}}']

Columns: ``id``, ``step`` and ``reason`` of the first block that drops it (null: kept), ``text`` as it leaves the chain
(null: dropped). A document on which a block raises has the reason ``error:<name of the exception>``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.formatters import PIIFormatter
from pyarrow import parquet

SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "step", "reason", "text")])
FILTERS = {
    "gopher_repetition": GopherRepetitionFilter,
    "gopher_quality": GopherQualityFilter,
    "c4": C4QualityFilter,
    "fineweb": FineWebQualityFilter,
}
PARAMETERS: dict[str, dict[str, Any]] = {"c4": {"filter_no_terminal_punct": False}}
MASK = "mask_pii"
STEPS = (*FILTERS, MASK)
CHAIN: dict[str, object] = {}


def build(steps: list[str], given: dict[str, dict[str, Any]]) -> None:
    """Make the blocks of a worker; their lists are tuples, as datatrove expects."""
    for step in steps:
        parameters = {**PARAMETERS.get(step, {}), **given.get(step, {})}
        known = {
            name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()
        }
        CHAIN[step] = FILTERS[step](**known) if step in FILTERS else PIIFormatter(**known)


def decide(document: tuple[str, str]) -> tuple[str, str | None, str | None, str | None]:
    """Run one document through the chain."""
    name, text = document
    shown = Document(text=text, id=name)
    for step, block in CHAIN.items():
        try:
            if step == MASK:
                shown.text = block.format(shown.text)
                continue
            verdict = block.filter(shown)
        except Exception as error:
            return name, step, f"error:{type(error).__name__}", None
        is_kept, reason = verdict if isinstance(verdict, tuple) else (verdict, None)
        if not is_kept:
            return name, step, reason or step, None
    return name, None, None, shown.text


def documents(paths: list[str]) -> Iterator[tuple[str, str]]:
    """Yield ``id`` and ``text``."""
    for path in paths:
        for batch in parquet.ParquetFile(path).iter_batches(1000, columns=["id", "text"]):
            yield from zip(batch["id"].to_pylist(), batch["text"].to_pylist(), strict=True)


def main() -> None:
    """Decide about all documents and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--out", required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument("--set", type=json.loads, default={}, help="parameters of steps, as JSON")
    given = parser.parse_args()
    with multiprocessing.Pool(given.workers, build, (given.steps, given.set)) as pool:
        rows = list(pool.imap(decide, documents(given.inputs), chunksize=50))
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    parquet.write_table(pa.Table.from_arrays(columns, schema=SCHEMA), given.out, compression="zstd")


if __name__ == "__main__":
    main()
