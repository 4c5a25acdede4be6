"""MB of text per CPU second: the PII layer, and its libraries alone on the same text in the same session.

    python bench/pii_speed.py [--text FILE.jsonl] [--megabytes 50] [--runs 5]

Without ``--text`` the documentation of the installed packages is read. The libraries alone, in two ways: *by document*
encodes each text and asks RE2 for all matches of each pattern in it, as one calls a library; *asked* repeats only the
scans that the layer made of its joined texts, and the telephone numbers that it gave to phonenumbers, with the bytes
already there. What the layer adds to that: encoding, joining, placing matches, checks, overlaps, replacement, counts.
``first`` is the first pass of the process, which also compiles and imports.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from penstock.process.pii import datatrove, phone, pieces
from penstock.process.pii.mask_pii import MaskPii
from penstock.process.step import Context, Document
from pii_quality import documentation, texts_of
from report import save

BATCH_ROWS = 1000
OVERHEAD_GOAL = 0.2
CONTEXT = Context(dataset="bench", run_key="2026-11-16")
# What most tools run: a mail and an IPv4 expression by Python's own engine.
_MAIL = re.compile(r"[A-Za-z0-9._%+'\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
STEPS = {
    "mail and ip": MaskPii(kinds=("email", "ip")),
    "mail, phone and ip": MaskPii(),
    "all kinds": MaskPii(kinds="all"),
    "all kinds, no sample": MaskPii(kinds="all", sample=False),
    "definition: datatrove": MaskPii(definition="datatrove"),
}


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a piece of work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def run(step: MaskPii, texts: Sequence[str]) -> float:
    """Return the CPU seconds of the step over documents that are there already."""
    columns = dict.fromkeys(step.adds())
    documents = [Document({"text": text, **columns}) for text in texts]
    batches = [documents[start : start + BATCH_ROWS] for start in range(0, len(documents), BATCH_ROWS)]
    return cpu(lambda: [step.apply_batch(batch, CONTEXT) for batch in batches])


class Recorder:
    """Keeps what the layer asks of its libraries."""

    def __init__(self) -> None:
        self.scans: list[tuple[Any, bytes]] = []
        self.numbers: list[tuple[str, str]] = []

    def __enter__(self) -> Recorder:
        self._places, self._valid = pieces.Pieces._places, phone._valid

        def places(joined: pieces.Pieces, pattern: Any, group: int) -> Iterator[pieces.Place]:
            self.scans.append((pattern, joined.data))
            return self._places(joined, pattern, group)

        def valid(number: str, regions: tuple[str, ...]) -> str | None:
            self.numbers += [(number, region) for region in regions]
            return self._valid(number, regions)

        pieces.Pieces._places, phone._valid = places, valid  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *_: object) -> None:
        pieces.Pieces._places, phone._valid = self._places, self._valid  # type: ignore[method-assign]

    def repeat(self) -> None:
        """Do it again, without the layer."""
        import phonenumbers

        for pattern, data in self.scans:
            for _ in pattern.finditer(data):
                pass
        for number, region in dict.fromkeys(self.numbers):
            try:
                phonenumbers.is_valid_number(phonenumbers.parse(number, region))
            except phonenumbers.NumberParseException:
                continue


def by_document(texts: Iterable[str], patterns: Sequence[Any]) -> None:
    """Ask for all matches of all patterns in each text."""
    for text in texts:
        data = text.encode()
        for pattern in patterns:
            for _ in pattern.finditer(data):
                pass


def patterns_of(step: MaskPii) -> list[Any]:
    """Return what a step looks for."""
    if step.definition == "datatrove":
        return [pieces.compiled(_MAIL.pattern), pieces.compiled(datatrove._IPV4)]
    every = [
        (r.patterns() if r.view is pieces.View.TEXTS else ()) or (r.pattern or pieces.DIGIT_RUN,)
        for r in step.kinds
    ]
    return [pieces.compiled(pattern) for patterns in every for pattern in patterns]


def measure(name: str, step: MaskPii, texts: Sequence[str], size: float, runs: int) -> dict[str, Any]:
    """Return a row of the table: MB per CPU second."""
    first = run(step, texts)
    with Recorder() as recorder:
        run(step, texts)
    patterns = patterns_of(step)
    works = (lambda: by_document(texts, patterns), recorder.repeat)
    passes = [(run(step, texts), *(cpu(work) for work in works)) for _ in range(runs)]
    layer, single, asked = (median(column) for column in zip(*passes, strict=True))
    return {
        "what": name,
        "layer": round(size / layer, 1),
        "layer_first": round(size / first, 1),
        "libraries_by_document": round(size / single, 1),
        "libraries_asked": round(size / asked, 1),
        "overhead_by_document": round(layer / single - 1, 2),
        "overhead_asked": round(layer / asked - 1, 2),
    }


def by_re(texts: Iterable[str]) -> None:
    """Find mail and IPv4 addresses as most tools do."""
    for text in texts:
        for pattern in (_MAIL, _IP):
            for _ in pattern.finditer(text):
                pass


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--text", type=Path)
    parser.add_argument("--megabytes", type=float, default=50)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    texts: list[str] = []
    size = 0
    for text in texts_of(options.text) if options.text else documentation():
        texts.append(text)
        size += len(text.encode())
        if size > options.megabytes * 1e6:
            break
    megabytes = size / 1e6
    rows = [measure(name, step, texts, megabytes, options.runs) for name, step in STEPS.items()]
    baseline = megabytes / median(cpu(lambda: by_re(texts)) for _ in range(3))
    save(
        "pii_speed",
        rows,
        text=options.text.parent.parent.name if options.text else "documentation of installed packages",
        megabytes=round(megabytes, 1),
        documents=len(texts),
        overhead_goal=OVERHEAD_GOAL,
        mail_and_ip_by_re_mb_per_cpu_s=round(baseline, 1),
    )


if __name__ == "__main__":
    main()
