"""Run dolma: Gopher and C4 taggers, mail and IP spans, exact duplicates by Bloom filter, then the mixer.

    <dolma>/bin/python run.py SAMPLE OUT --mode filter

dolma has no near-duplicates: its row is filters and exact duplicates only.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

DROP = (
    "$.attributes[?(@.dup_docs[0][2] >= 1)]",
    "$.attributes[?(@.q__gopher_v2__word_count[0][2] < 50)]",
    "$.attributes[?(@.q__gopher_v2__fraction_of_characters_in_most_common_2grams[0][2] > 0.20)]",
)
MASKS = {"EMAIL_ADDRESS": "|||EMAIL|||", "IP_ADDRESS": "|||IP|||", "PHONE_NUMBER": "|||PHONE|||"}


def main() -> None:
    """Tag, mark duplicates, mix, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mode", choices=["filter"], default="filter")
    given = parser.parse_args()
    out = given.out.absolute()
    documents = out / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    for path in (given.sample / "jsonl").glob("*.jsonl"):
        with path.open("rb") as source, gzip.open(documents / f"{path.name}.gz", "wb", 1) as target:
            shutil.copyfileobj(source, target)
    everything = f"{documents}/*.gz"
    dedupe = {
        "documents": [everything],
        "dedupe": {
            "name": "dup_docs", "documents": {"attribute_name": "dup_docs", "key": "$.text"}, "skip_empty": True,
        },
        "bloom_filter": {
            "file": f"{out}/bloom.bin", "read_only": False, "estimated_doc_count": 1_000_000,
            "desired_false_positive_rate": 0.0001,
        },
        "processes": 1,
    }  # fmt: skip
    spans = [
        {"span": f"$.attributes.q__pii_regex_v2__{kind}", "min_score": 0.5, "replacement": text}
        for kind, text in MASKS.items()
    ]
    mix = {
        "streams": [{
            "name": "kept", "documents": [everything], "attributes": ["q", "dup_docs"],
            "output": {"path": f"{out}/final", "max_size_in_bytes": 1 << 32},
            "filter": {"include": [], "exclude": list(DROP)}, "span_replacement": spans,
        }],
        "processes": 1,
    }  # fmt: skip
    for name, config in (("dedupe", dedupe), ("mix", mix)):
        (out / f"{name}.json").write_text(json.dumps(config), encoding="utf-8")
    dolma = str(Path(sys.executable).with_name("dolma"))
    print("@mark session", flush=True)
    tag = f"tag --documents {everything} --taggers gopher_v2 c4_v2 pii_regex_v2 --experiment q --processes 1".split()
    for words in (tag, ["-c", f"{out}/dedupe.json", "dedupe"], ["-c", f"{out}/mix.json", "mix"]):
        subprocess.run([dolma, *words], check=True, stdout=sys.stderr)
    print("@mark done", flush=True)
    rows = 0
    for path in (out / "final").glob("*.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows += sum(1 for _ in lines)
    print(f"@result {json.dumps({'kept': rows})}", flush=True)


if __name__ == "__main__":
    main()
