"""A sample of what was masked, for a human auditor, with the personal data itself made unreadable.

The step notes in a column the first find of each kind of a document: the text around it, as it is after masking, and
the shape of what stood there. At the end of the stage the finds of a few documents a kind, chosen by a hash of their
id, go to a small file of the run; the column is not published.
"""

from __future__ import annotations

import hashlib
import heapq
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from penstock.lake import Attempt, Lake
from penstock.manifest import FileEntry, Manifest, Zone
from penstock.params import Params
from penstock.parquet_stream import ParquetStream
from penstock.process.audit import PII_SAMPLE
from penstock.process.pii.layer import Span

if TYPE_CHECKING:
    import pyarrow as pa

COLUMN = PII_SAMPLE
FILE = "pii_sample.jsonl"
FINDS_A_KIND = 20
CONTEXT_CHARS, SHAPE_CHARS = 48, 48
_FIELDS = ("kind", "shape", "left", "right")


class Find(Params):
    """One find: its document and kind, the shape of what stood there, and the masked text around it."""

    doc_id: str
    kind: str
    shape: str
    left: str
    right: str


def column_type() -> pa.DataType:
    """Return the type of the column."""
    import pyarrow as pa

    return pa.list_(pa.struct([(name, pa.string()) for name in _FIELDS]))


def shape_of(text: str) -> str:
    """Return letters as ``x`` and ``X``, digits as ``9``, other letters as ``?``, signs as they are: ``xxx@xx.xx``."""
    shape = re.sub(r"[^\W\d_A-Z]", "x", re.sub(r"[A-Z]", "X", re.sub(r"\d", "9", text[: SHAPE_CHARS + 1])))
    return shape if len(shape) <= SHAPE_CHARS else f"{shape[:SHAPE_CHARS]}\N{HORIZONTAL ELLIPSIS}"


def notes_of(
    content: bytes, text: str, spans: Sequence[Span], lengths: Sequence[int]
) -> list[dict[str, str]]:
    """Return the first find of each kind; ``lengths`` are the characters of the replacements in ``text``."""
    noted: dict[str, dict[str, str]] = {}
    position = end = 0
    for span, length in zip(spans, lengths, strict=True):
        position += len(content[end : span.start].decode("utf-8", "surrogatepass"))
        end = span.end
        if span.kind not in noted:
            found = content[span.start : span.end].decode("utf-8", "replace")
            left = text[max(0, position - CONTEXT_CHARS) : position]
            right = text[position + length : position + length + CONTEXT_CHARS]
            noted[span.kind] = dict(zip(_FIELDS, (span.kind, shape_of(found), left, right), strict=True))
        position += length
    return list(noted.values())


def collect(lake: Lake, entries: Iterable[FileEntry]) -> list[Find]:
    """Return at most `FINDS_A_KIND` finds of each kind from the files of a run, whatever their order."""
    chosen: dict[str, list[tuple[int, str, Find]]] = {}
    for doc_id, note in _notes(lake, entries):
        find = Find(doc_id=doc_id, **{name: str(note[name]) for name in _FIELDS})
        digest = hashlib.sha256(f"{find.kind}\0{doc_id}".encode()).digest()
        heap = chosen.setdefault(find.kind, [])
        item = (-int.from_bytes(digest[:8], "big"), doc_id, find)
        if len(heap) < FINDS_A_KIND:
            heapq.heappush(heap, item)
        elif item[:2] > heap[0][:2]:
            heapq.heapreplace(heap, item)
    finds = [find for heap in chosen.values() for _, _, find in heap]
    return sorted(finds, key=lambda find: (find.kind, find.doc_id))


def write(attempt: Attempt, finds: Sequence[Find]) -> str:
    """Write the sample beside the attempt's other files and return its path from the lake's root."""
    with attempt.create(FILE, zone=Zone.ARTEFACT) as stream:
        for find in finds:
            line = json.dumps(find.model_dump(), ensure_ascii=True, sort_keys=True)
            stream.write(f"{line}\n".encode())
    return attempt.path(FILE, zone=Zone.ARTEFACT)


def read(lake: Lake, manifest: Manifest) -> list[Find]:
    """Return the sample of a run; empty when nothing was found."""
    for entry in manifest.entries(Zone.ARTEFACT):
        if entry.path.endswith(f"/{FILE}"):
            with lake.open(entry.path) as stream:
                lines = io.TextIOWrapper(stream, encoding="utf-8").read().splitlines()
            return [Find.model_validate_json(line) for line in lines]
    return []


def _notes(lake: Lake, entries: Iterable[FileEntry]) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in entries:
        with lake.open(entry.path) as stream:
            file = ParquetStream(stream)
            if not {COLUMN, "doc_id"} <= set(file.schema.names):
                continue
            for group in range(file.groups):
                yield from _notes_in(file.group(group, columns=["doc_id", COLUMN]))


def _notes_in(table: pa.Table) -> Iterator[tuple[str, dict[str, Any]]]:
    import pyarrow.compute as pc

    for row in table.filter(pc.greater(pc.list_value_length(table[COLUMN]), 0)).to_pylist():
        for note in row[COLUMN]:
            yield str(row["doc_id"]), note
