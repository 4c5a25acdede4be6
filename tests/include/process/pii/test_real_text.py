"""Real text: what must not be eaten is not, what people labelled is found."""

from __future__ import annotations

import json
from collections import Counter
from importlib.metadata import distributions
from pathlib import Path

import pytest

from penstock.process.pii.layer import find_spans
from penstock.process.pii.mask_pii import MaskPii

ALL = MaskPii(kinds="all").kinds
MAX_BYTES = 20_000_000
PLAUSIBLE = {"email", "ip", "phone", "mac", "gps", "url_credentials", "secret"}
"""What documentation does hold: addresses of authors and hosts, example numbers, example tokens."""
SHARED = next(
    (
        p / "shared" / "data" / "pii"
        for p in Path(__file__).parents
        if (p / "shared" / "data" / "pii").is_dir()
    ),
    None,
)
KINDS = {
    "EMAIL_ADDRESS": "email", "IP_ADDRESS": "ip", "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "credit_card", "US_SSN": "us_ssn",
}  # fmt: skip


def documentation() -> list[str]:
    """Metadata, licences and lists of checksums of the installed packages."""
    texts, size = [], 0
    for dist in distributions():
        for file in dist.files or ():
            path = Path(str(file.locate()))
            if file.name in {"METADATA", "RECORD", "LICENSE"} and path.is_file() and size < MAX_BYTES:
                texts.append(path.read_text(encoding="utf-8", errors="replace"))
                size += len(texts[-1])
    return texts


def test_hashes_versions_dates_and_sizes_of_installed_packages_are_left():
    texts = documentation()
    assert sum(map(len, texts)) > 1_000_000
    found = Counter(span.kind for _, spans in find_spans(texts, ALL) for span in spans)
    assert set(found) <= PLAUSIBLE
    assert found["email"] > 100
    records = [text for text in texts if ",sha256=" in text]
    masked = [span for _, spans in find_spans(records, ALL) for span in spans]
    assert masked == []


@pytest.mark.skipif(SHARED is None, reason="the labelled sets are in ../shared/data/pii, which is not there")
def test_labelled_data_is_found_and_little_else():
    items = json.loads((SHARED / "presidio_generated_small.json").read_text(encoding="utf-8"))
    found, labelled, right = Counter(), Counter(), Counter()
    for item, (content, spans) in zip(items, find_spans([i["full_text"] for i in items], ALL), strict=True):
        labels = {
            (KINDS[s["entity_type"]], s["entity_value"]) for s in item["spans"] if s["entity_type"] in KINDS
        }
        masked = {(span.kind, content[span.start : span.end].decode()) for span in spans}
        labelled.update(kind for kind, _ in labels)
        found.update(kind for kind, _ in masked)
        right.update(kind for kind, _ in labels & masked)
    assert found == right  # nothing that is not labelled
    assert {kind: right[kind] for kind in labelled} == {**labelled, "phone": 9}
