"""Run Data-Juicer's look-alikes of the reference chain (its own rules, thresholds as documented) with its executor.

<data_juicer>/bin/python run.py SAMPLE OUT --mode filter|near_duplicates
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

FILTERS = [
    {"alphanumeric_filter": {"tokenization": False, "min_ratio": 0.6}},
    {"character_repetition_filter": {"rep_len": 10, "max_ratio": 0.3}},
    {"word_repetition_filter": {"lang": "en", "tokenization": False, "rep_len": 5, "max_ratio": 0.3}},
    {"words_num_filter": {"lang": "en", "tokenization": False, "min_num": 50, "max_num": 100000}},
    {"special_characters_filter": {"min_ratio": 0.0, "max_ratio": 0.3}},
    {"clean_email_mapper": {"repl": "[EMAIL]"}},
    {"clean_ip_mapper": {"repl": "[IP]"}},
]
DUPLICATES = {
    "document_minhash_deduplicator": {
        "tokenization": "space", "window_size": 5, "num_permutations": 112, "jaccard_threshold": 0.75,
        "num_bands": 14, "num_rows_per_band": 8, "lowercase": True,
    }
}  # fmt: skip


def main() -> None:
    """Write the configuration and run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mode", choices=["filter", "near_duplicates"], default="filter")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    exported = given.out / "final.jsonl"
    steps = [*FILTERS, DUPLICATES] if given.mode == "filter" else [DUPLICATES]
    config = {
        "project_name": "bench",
        "dataset_path": str(given.sample.absolute() / "jsonl"),
        "export_path": str(exported.absolute()),
        "np": 1,
        "text_keys": "text",
        "process": steps,
    }
    (given.out / "config.yaml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    cache = {"HF_HOME": str(given.out / "cache"), "DATA_JUICER_CACHE_HOME": str(given.out / "cache")}
    print("@mark session", flush=True)
    command = [str(Path(sys.executable).with_name("dj-process")), "--config", str(given.out / "config.yaml")]
    subprocess.run(command, check=True, stdout=sys.stderr, env={**os.environ, **cache})
    print("@mark done", flush=True)
    with exported.open(encoding="utf-8") as lines:
        print(f"@result {json.dumps({'kept': sum(1 for _ in lines)})}", flush=True)


if __name__ == "__main__":
    main()
