"""Run text-dedup's MinHash command over JSONL (14 bands of 8 rows, shingles of five words).

<text_dedup>/bin/python run.py SAMPLE OUT --mode near_duplicates
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Run the command and count what it keeps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mode", choices=["near_duplicates"], default="near_duplicates")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    words = f"""--path json --data_files {given.sample}/jsonl/*.jsonl --split train --cache_dir {given.out}/cache
        --column text --batch_size 1000 --num_proc 1 --num_perm 112 --b 14 --r 8 --ngram 5 --hash_func xxh3
        --output {given.out}/final""".split()
    print("@mark session", flush=True)
    environment = {**os.environ, "HF_HOME": f"{given.out}/cache"}
    subprocess.run(
        [sys.executable, "-m", "text_dedup.minhash", *words], check=True, stdout=sys.stderr, env=environment
    )
    print("@mark done", flush=True)
    from datasets import load_from_disk

    print(f"@result {json.dumps({'kept': len(load_from_disk(str(given.out / 'final')))})}", flush=True)


if __name__ == "__main__":
    main()
