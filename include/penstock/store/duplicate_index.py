"""Publish what a day adds to the index of near-duplicates: only what its tables have, and only when they have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from penstock.index.catalog import DuplicateIndex, history_digest, index_names
from penstock.index.documents import empty
from penstock.manifest import Manifest
from penstock.parquet_stream import ParquetStream
from penstock.process.duplicates.artefact import IndexArtefact, find_artefacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from penstock.lake import Lake

NOT_PROCESSED = "none"
"""The source of a day's entry that no artefact was left for: the day has no rows any more."""


def publish_index(lake: Lake, clean: Manifest, checked: Manifest) -> list[str]:
    """Make the artefacts of ``clean`` what the day has in the index; return notes for the receipt.

    Documents that did not pass the gate, or that a later step dropped, are left out: a day is compared with what was
    published. A second call writes the same bytes. A day that left no artefact loses the entry that it had.
    """
    notes: list[str] = []
    artefacts = find_artefacts(clean)
    for name, artefact in artefacts.items():
        index = DuplicateIndex(lake, clean.dataset, name)
        segment, part = artefact.segment(lake, clean.run_key)
        chosen = _published(lake, checked, segment.ids(part))
        how = {"source": artefact.digest, "history": artefact.history}
        if len(chosen) == artefact.rows and not index.forgotten():
            index.publish_segment(clean.run_key, segment, part, artefact.scheme, **how)
        else:
            documents = segment.documents(part, artefact.scheme.bands).take(chosen)
            index.publish(clean.run_key, documents, artefact.scheme, **how)
        notes += _stale_note(index, clean.run_key)
    for name in set(index_names(lake, clean.dataset)) - set(artefacts):
        index = DuplicateIndex(lake, clean.dataset, name)
        entry = index.days().get(clean.run_key)
        if entry is not None and entry.source != NOT_PROCESSED:
            days = {key: day.digest for key, day in index.days(before=clean.run_key).items()}
            index.publish(
                clean.run_key,
                empty(entry.scheme.bands),
                entry.scheme,
                source=NOT_PROCESSED,
                history=history_digest(days),
            )
            notes += _stale_note(index, clean.run_key)
    return notes


def is_indexed(lake: Lake, clean: Manifest) -> bool:
    """Return whether the index has what the day's process stage left for it."""
    artefacts = find_artefacts(clean)
    for name in {*artefacts, *index_names(lake, clean.dataset)}:
        entry = DuplicateIndex(lake, clean.dataset, name).days().get(clean.run_key)
        artefact: IndexArtefact | None = artefacts.get(name)
        if artefact is None:
            if entry is not None and entry.source != NOT_PROCESSED:
                return False
        elif entry is None or (entry.source, entry.history) != (artefact.digest, artefact.history):
            return False
    return True


def _published(lake: Lake, checked: Manifest, ids: Sequence[str]) -> NDArray[np.int64]:
    """Return which of the documents are among the checked rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    tables = []
    for entry in checked.entries():
        with lake.open(entry.path) as stream:
            tables.append(ParquetStream(stream).read(columns=["doc_id"])["doc_id"].cast(pa.string()))
    there = pa.chunked_array([chunk for table in tables for chunk in table.chunks], type=pa.string())
    is_there = pc.is_in(pa.array(ids, type=pa.string()), value_set=there.combine_chunks())
    return np.flatnonzero(is_there.to_numpy(zero_copy_only=False))


def _stale_note(index: DuplicateIndex, run_key: str) -> list[str]:
    stale = [day for day in index.stale_days() if day > run_key]
    if not stale:
        return []
    named = ", ".join(stale[:3]) + (" ..." if len(stale) > 3 else "")
    return [
        f"{len(stale)} later days ({named}) were compared with another history of {index.name}: run them again, oldest "
        "first, for the answer that days in order give (penstock index stats names them)"
    ]
