"""Run datatrove's pipeline, text in and Parquet out, in this process (one worker, one task).

    <datatrove>/bin/python run.py INPUT_FOLDER OUT --mode filter|near_duplicates

``filter`` is the reference chain with its four MinHash stages, ``near_duplicates`` the four stages alone.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
)
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.formatters import PIIFormatter
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.utils.hashing import HashConfig
from pyarrow import parquet

CONFIG = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8)


def run(name: str, blocks: list[object], out: Path, tasks: int = 1) -> None:
    """Run one stage and say that it is done."""
    logs = str(out / "logs" / name)
    LocalPipelineExecutor(pipeline=blocks, tasks=tasks, workers=1, logging_dir=logs).run()
    print(f"@mark {name}", flush=True)


def reader(folder: str) -> ParquetReader:
    """Read the documents of a folder."""
    return ParquetReader(folder, glob_pattern="*.parquet", text_key="text", id_key="id")


def main() -> None:
    """Run the stages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mode", choices=["filter", "near_duplicates"], default="filter")
    given = parser.parse_args()
    out, source = given.out, str(given.input / "parquet")
    print("@mark session", flush=True)
    if given.mode == "filter":
        filters = [
            GopherRepetitionFilter(),
            GopherQualityFilter(),
            C4QualityFilter(filter_no_terminal_punct=False),
            FineWebQualityFilter(),
            PIIFormatter(),
        ]
        source = str(out / "filtered")
        run("filters", [reader(str(given.input / "parquet")), *filters, ParquetWriter(source)], out)
    signatures, buckets, removed = (str(out / name) for name in ("signatures", "buckets", "removed"))
    run("signatures", [reader(source), MinhashDedupSignature(output_folder=signatures, config=CONFIG)], out)
    run("buckets", [MinhashDedupBuckets(signatures, buckets, config=CONFIG)], out, tasks=CONFIG.num_buckets)
    run("clusters", [MinhashDedupCluster(buckets, removed, config=CONFIG, save_cluster_id=True)], out)
    kept = str(out / "final")
    marked = MinhashDedupFilter(removed, load_cluster_ids=False)
    run("done", [reader(source), marked, ParquetWriter(kept)], out)
    rows = sum(parquet.read_metadata(path).num_rows for path in Path(kept).glob("*.parquet"))
    print(f"@result {json.dumps({'kept': rows})}", flush=True)


if __name__ == "__main__":
    main()
