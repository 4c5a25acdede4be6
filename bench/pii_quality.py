"""Precision and recall of the PII recognisers on labelled sets, and what they find in text that should hold little.

    python bench/pii_quality.py --data FOLDER [--text FILE.jsonl ...] [--examples 5]

``FOLDER`` holds ``nano_en.json`` and ``presidio_generated_small.json`` (``../shared/data/pii``). A label is found when
a span of its kind covers at least half of it; a span is right when it covers at least half of a label of its kind.
Texts given with ``--text`` (JSON lines with a column ``text``) are counted by kind; ``--examples`` prints finds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from penstock.process.pii.layer import find_spans
from penstock.process.pii.mask_pii import MaskPii
from report import print_table, save

KIND_OF_LABEL = {
    "EMAIL": "email", "EMAIL_ADDRESS": "email", "IP_ADDRESS": "ip", "PHONE": "phone", "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "credit_card", "IBAN": "iban", "IBAN_CODE": "iban", "SSN": "us_ssn", "US_SSN": "us_ssn",
    "PASSPORT": "passport", "PASSPORT_NUM": "passport", "AADHAR": "in_aadhaar", "PAN": "in_pan", "PASSWORD": "secret",
}  # fmt: skip
Labels = list[tuple[int, int, str]]


def nano(path: Path) -> Iterator[tuple[str, Labels]]:
    """Yield texts and labels: each place of a labelled word, without the signs around some (``*SSN* 1-2-3*``)."""
    for item in json.loads(path.read_text(encoding="utf-8")):
        labels: Labels = []
        for entity in item["NER"]:
            word = str(entity.get("entity") or next(v for k, v in entity.items() if k != "label"))
            word = word.replace("*", "").removeprefix("SSN").strip() or word
            kind = KIND_OF_LABEL.get(entity["label"])
            if kind:
                labels += [(m.start(), m.end(), kind) for m in re.finditer(re.escape(word), item["text"])]
        yield item["text"], labels


def presidio(path: Path) -> Iterator[tuple[str, Labels]]:
    """Yield texts and labels."""
    for item in json.loads(path.read_text(encoding="utf-8")):
        yield (
            item["full_text"],
            [
                (span["start_position"], span["end_position"], KIND_OF_LABEL[span["entity_type"]])
                for span in item["spans"]
                if span["entity_type"] in KIND_OF_LABEL
            ],
        )


def spans_of(texts: list[str]) -> list[Labels]:
    """Return the spans of every kind in characters."""
    found = []
    for content, spans in find_spans(texts, MaskPii(kinds="all").kinds):
        found.append(
            [(len(content[: s.start].decode()), len(content[: s.end].decode()), s.kind) for s in spans]
        )
    return found


def is_covered(label: tuple[int, int, str], spans: Labels) -> bool:
    """Whether spans of the label's kind cover at least half of it."""
    start, end, kind = label
    return any(k == kind and 2 * (min(end, e) - max(start, s)) >= end - start for s, e, k in spans)


def judge(name: str, items: list[tuple[str, Labels]], examples: int) -> list[dict[str, Any]]:
    """Return precision and recall by kind."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (text, labels), spans in zip(items, spans_of([text for text, _ in items]), strict=True):
        for label in labels:
            found = is_covered(label, spans)
            counts[label[2]]["found" if found else "missed"] += 1
            if not found and examples:
                print(f"missed {label[2]:12} {text[max(0, label[0] - 40) : label[1] + 10]!r}")
        for span in spans:
            right = is_covered(span, labels)
            counts[span[2]]["right" if right else "wrong"] += 1
            if not right and examples:
                print(f"extra  {span[2]:12} {text[max(0, span[0] - 40) : span[1] + 10]!r}")
    return [
        {
            "set": name, "kind": kind, "labels": c["found"] + c["missed"], "spans": c["right"] + c["wrong"],
            "precision": round(c["right"] / max(1, c["right"] + c["wrong"]), 3),
            "recall": round(c["found"] / max(1, c["found"] + c["missed"]), 3),
        }
        for kind, c in sorted(counts.items())
    ]  # fmt: skip


def texts_of(path: Path) -> Iterator[str]:
    """Yield the texts of a file of JSON lines, gzipped or not."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield str(json.loads(line)["text"])


def documentation() -> Iterator[str]:
    """Yield the metadata and licences of the installed distributions: prose with addresses, versions and hashes."""
    for dist in distributions():
        for file in dist.files or ():
            if file.suffix in {".md", ".rst", ".txt"} or file.name in {"METADATA", "RECORD", "LICENSE"}:
                path = Path(str(file.locate()))
                if path.is_file():
                    yield path.read_text(encoding="utf-8", errors="replace")


def count(name: str, texts: list[str], examples: int) -> dict[str, Any]:
    """Count what is found in texts, and print some of it with what stands around."""
    found: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for text, spans in zip(texts, spans_of(texts), strict=True):
        for start, end, kind in spans:
            found[kind] += 1
            if shown[kind] < examples:
                shown[kind] += 1
                around = text[max(0, start - 40) : start], text[start:end], text[end : end + 15]
                print(name, kind, *map(repr, around), sep="\t")
    size = sum(len(text.encode()) for text in texts)
    return {"text": name, "documents": len(texts), "mb": round(size / 1e6, 1), **dict(sorted(found.items()))}


def main() -> None:
    """Judge the labelled sets, then count what is found in the texts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--text", type=Path, nargs="*", default=[])
    parser.add_argument("--examples", type=int, default=0)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    sets = {"nano_en": nano, "presidio_generated_small": presidio}
    for name, read in sets.items():
        items = list(read(options.data / f"{name}.json"))
        rows += judge(name, items, options.examples)
    counted = [count("documentation of installed packages", list(documentation()), options.examples)]
    counted += [count(path.stem, list(texts_of(path)), options.examples) for path in options.text]
    for row in counted:
        print_table([row])
    save("pii_quality", rows, found_in_text=counted)


if __name__ == "__main__":
    main()
