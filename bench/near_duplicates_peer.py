"""datatrove's four MinHash stages over a JSONL file, in its own environment: CORPUS FOLDER. Prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.hashing import HashConfig


def main(corpus: Path, folder: Path) -> None:
    """Run the stages one after another, one task and one worker each."""
    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8)
    reader = JsonlReader(str(corpus.parent), glob_pattern=corpus.name)
    out = str(folder)
    stages = [
        (1, [reader, MinhashDedupSignature(output_folder=f"{out}/sig", config=config)]),
        (14, [MinhashDedupBuckets(input_folder=f"{out}/sig", output_folder=f"{out}/buckets", config=config)]),
        (1, [MinhashDedupCluster(input_folder=f"{out}/buckets", output_folder=f"{out}/remove", config=config)]),
        (1, [reader, MinhashDedupFilter(input_folder=f"{out}/remove"), JsonlWriter(f"{out}/final", compression=None)]),
    ]  # fmt: skip
    begin, cpu = time.perf_counter(), _cpu()
    for number, (tasks, pipeline) in enumerate(stages):
        LocalPipelineExecutor(
            pipeline=pipeline, tasks=tasks, workers=1, logging_dir=f"{out}/logs{number}", skip_completed=False
        ).run()
    counted = {"wall_s": time.perf_counter() - begin, "cpu_s": _cpu() - cpu}
    with corpus.open(encoding="utf-8") as lines:
        total = sum(1 for _ in lines)
    kept = 0
    for file in Path(out, "final").glob("*.jsonl"):
        with file.open(encoding="utf-8") as lines:
            kept += sum(1 for _ in lines)
    print(json.dumps({**counted, "kept": kept, "dropped": total - kept}))


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
