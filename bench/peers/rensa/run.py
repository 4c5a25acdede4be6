"""Near-duplicates with rensa in one process: 112 permutations, 14 bands, shingles of five words split at white space.

    <rensa>/bin/python run.py SAMPLE OUT --mode near_duplicates

A document is kept when nothing before it shares a band with it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet
from rensa import RMinHash, RMinHashLSH

PERMUTATIONS, BANDS, SHINGLE = 112, 14, 5


def shingles(text: str) -> list[str]:
    """Return the shingles of a text."""
    words = text.lower().split()
    return [" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)] or [text]


def mark_kept(texts: Iterator[str]) -> list[bool]:
    """Return for each text whether nothing before it is linked with it."""
    index = RMinHashLSH(threshold=0.75, num_perm=PERMUTATIONS, num_bands=BANDS)
    kept: list[bool] = []
    for number, text in enumerate(texts):
        signature = RMinHash(num_perm=PERMUTATIONS, seed=1)
        signature.update(shingles(text))
        kept.append(not index.query(signature))
        index.insert(number, signature)
    return kept


def main() -> None:
    """Read, mark, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mode", choices=["near_duplicates"], default="near_duplicates")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    print("@mark session", flush=True)
    paths = sorted((given.sample / "parquet").glob("*.parquet"))
    kept = iter(mark_kept(text for p in paths for text in parquet.read_table(p)["text"].to_pylist()))
    rows = 0
    for path in paths:
        table = parquet.read_table(path)
        table = table.filter(pa.array([next(kept) for _ in range(table.num_rows)], pa.bool_()))
        parquet.write_table(table, given.out / path.name, compression="zstd")
        rows += table.num_rows
    print("@mark done", flush=True)
    print(f"@result {json.dumps({'kept': rows})}", flush=True)


if __name__ == "__main__":
    main()
