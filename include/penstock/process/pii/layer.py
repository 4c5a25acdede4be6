"""Find every kind in a batch of texts, settle who gets characters that two kinds want, and replace them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from penstock.process.pii.action import PLACEHOLDER
from penstock.process.pii.pieces import Batch, View, compiled
from penstock.process.pii.recogniser import Recogniser

MAX_BATCH_BYTES = 8 << 20
"""Texts are joined up to this size, so that a batch of long documents is not held twice as a whole."""


@dataclass(frozen=True, order=True)
class Span:
    """Bytes of a text that are personal data of a kind; ``value`` is its canonical form."""

    start: int
    end: int
    kind: str
    value: str


def find_spans(texts: Sequence[str], recognisers: Sequence[Recogniser]) -> Iterator[tuple[bytes, list[Span]]]:
    """Yield for each text its UTF-8 and the spans in it, in their order; none overlaps another.

    Nothing is found inside of placeholders. A text that is no valid Unicode is encoded with its surrogates.
    """
    scouted = [r for r in recognisers if r.view is View.TEXTS and r.needle is None]
    scout = "|".join(pattern for recogniser in scouted for pattern in recogniser.patterns())
    for contents in _batches(texts):
        batch = Batch(contents, scout or None)
        spans: dict[int, list[Span]] = {}
        for recogniser in sorted(recognisers, key=lambda recogniser: recogniser.rank):
            for document, new in _by_document(recogniser, batch):
                old = spans.get(document) or _placeholders(batch.texts[document])
                spans[document] = _merged(old, new)
        for number, content in enumerate(batch.texts):
            found = spans.get(number)
            yield content, [span for span in found if span.kind] if found else []


def replace(content: bytes, spans: Sequence[Span], substitute: Callable[[Span, str], str]) -> str:
    """Return the text with each span replaced by what ``substitute`` makes of it and of its text."""
    parts: list[bytes] = []
    end = 0
    for span in spans:
        found = content[span.start : span.end].decode("utf-8", "surrogatepass")
        parts += (content[end : span.start], substitute(span, found).encode("utf-8", "surrogatepass"))
        end = span.end
    parts.append(content[end:])
    return b"".join(parts).decode("utf-8", "surrogatepass")


def _batches(texts: Sequence[str]) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        if held and size + len(content) > MAX_BATCH_BYTES:
            yield held
            held, size = [], 0
        held.append(content)
        size += len(content)
    if held:
        yield held


def _by_document(recogniser: Recogniser, batch: Batch) -> Iterator[tuple[int, list[Span]]]:
    grouped: dict[int, list[Span]] = {}
    for document, start, end, value in recogniser.find(batch):
        grouped.setdefault(document, []).append(Span(start, end, recogniser.name, value))
    for document, spans in grouped.items():
        yield document, sorted(spans)


def _placeholders(content: bytes) -> list[Span]:
    """Return what an earlier pass left, as spans of no kind: they keep others off."""
    if b"<" not in content:
        return []
    return [Span(found.start(), found.end(), "", "") for found in compiled(PLACEHOLDER).finditer(content)]


def _merged(old: list[Span], new: list[Span]) -> list[Span]:
    """Return both, in order, without those of ``new`` that touch one of ``old``."""
    kept: list[Span] = []
    index, end = 0, 0
    for span in new:
        while index < len(old) and old[index].end <= span.start:
            index += 1
        is_free = index == len(old) or old[index].start >= span.end
        if is_free and span.start >= end and span.end > span.start:
            kept.append(span)
            end = span.end
    return sorted(old + kept) if kept else old
