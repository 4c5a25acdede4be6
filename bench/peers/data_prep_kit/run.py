"""Run data-prep-kit's fuzzy deduplication over Parquet (14 bands of 8 rows, shingles of five words).

<data_prep_kit>/bin/python run.py SAMPLE OUT --mode near_duplicates
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from itertools import count
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet


def main() -> None:
    """Give the documents numbers as the tool wants, run it, count what it keeps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mode", choices=["near_duplicates"], default="near_duplicates")
    given = parser.parse_args()
    source, final = given.out.absolute() / "in", given.out.absolute() / "final"
    source.mkdir(parents=True, exist_ok=True)
    numbers = count()
    for path in sorted((given.sample / "parquet").glob("*.parquet")):
        table = parquet.read_table(path)
        ids = pa.array([next(numbers) for _ in range(table.num_rows)], pa.int64())
        parquet.write_table(
            pa.table({"int_id_column": ids, "contents": table["text"], "name": table["id"]}),
            source / path.name,
        )
    print("@mark session", flush=True)
    words = f"""--input_folder {source} --output_folder {final} --contents_column contents
        --document_id_column int_id_column --operation_mode filter_duplicates --num_permutations 112 --num_bands 14
        --num_minhashes_per_band 8 --word_shingle_size 5""".split()
    subprocess.run(
        [sys.executable, "-m", "dpk_fdedup.transform_python", *words], check=True, stdout=sys.stderr
    )
    print("@mark done", flush=True)
    files = [path for path in final.rglob("*.parquet") if path.parent.name in ("cleaned", "final")]
    print(
        f"@result {json.dumps({'kept': sum(parquet.read_metadata(path).num_rows for path in files)})}",
        flush=True,
    )


if __name__ == "__main__":
    main()
