"""What is done to an index by hand: counted, compacted, and a document taken out of it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from penstock.index.catalog import Compacted, CompactedPart, DayEntry, DuplicateIndex
from penstock.index.segment import key_files, record_files
from penstock.params import Params

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


UNFINISHED = timedelta(hours=1)
"""Files that nothing names may be those of a store task that is about to name them, but not for that long."""


class Stats(Params):
    """What an index holds; ``stray_bytes`` belong to files that no entry names any more (`compact` removes them)."""

    dataset: str
    name: str
    scheme: str | None
    days: int
    first: str | None
    last: str | None
    documents: int
    bytes: int
    segments: int
    compacted_days: int
    stray_bytes: int
    forgotten: int
    stale_days: tuple[str, ...]


class Compaction(Params):
    """What a compaction did."""

    dataset: str
    name: str
    months: tuple[str, ...]
    days: int
    removed_folders: int
    removed_bytes: int
    kept_young: int


class Forgotten(Params):
    """Where a document was taken out; ``days`` is empty when no day had it."""

    dataset: str
    name: str
    doc_id: str
    days: tuple[str, ...]


def stats_of(index: DuplicateIndex) -> Stats:
    """Count an index."""
    days = index.days()
    compacted = _current(index, days)
    covered = {part.run_key for segment, parts in compacted for part in parts}
    used = _used_folders(index, days, compacted)
    sizes = _folder_sizes(index)
    return Stats(
        dataset=index.dataset,
        name=index.name,
        scheme=next((entry.scheme.name for entry in days.values()), None),
        days=len(days),
        first=min(days, default=None),
        last=max(days, default=None),
        documents=sum(entry.rows for entry in days.values()),
        bytes=sum(size for folder, size in sizes.items() if folder in used),
        segments=len(compacted) + len(set(days) - covered),
        compacted_days=len(covered),
        stray_bytes=sum(size for folder, size in sizes.items() if folder not in used),
        forgotten=len(index.forgotten()),
        stale_days=tuple(index.stale_days()),
    )


def compact(index: DuplicateIndex, *, older_than: timedelta, now: datetime | None = None) -> Compaction:
    """Make one segment of the days of each month, and remove files that nothing names and that are old enough.

    Readers see the same documents before, during and after; a day that is published meanwhile stays as it was
    published. A look-up opens one segment a month instead of one a day.
    """
    days = index.days()
    by_month: dict[str, list[str]] = defaultdict(list)
    for run_key in days:
        by_month[run_key[:7]].append(run_key)
    known = {segment.name: segment for segment in index.compacted()}
    done: list[str] = []
    for month, keys in by_month.items():
        wanted = {run_key: days[run_key].digest for run_key in keys}
        there = known.get(month)
        if len(keys) > 1 and (there is None or _parts_of(there) != wanted):
            index.write_compacted(_merge(index, month, wanted))
            done.append(month)
    removed, size, young = _sweep(index, (now or datetime.now(UTC)) - older_than)
    return Compaction(
        dataset=index.dataset,
        name=index.name,
        months=tuple(done),
        days=sum(len(by_month[month]) for month in done),
        removed_folders=removed,
        removed_bytes=size,
        kept_young=young,
    )


def forget(index: DuplicateIndex, doc_id: str) -> Forgotten:
    """Take a document out of the index, its files included, and keep it out of what is published from now on.

    The days after one that had it were compared with it: they are stale from now on.
    """
    import numpy as np

    index.remember_forgotten(doc_id)
    days = index.days()
    found: list[str] = []
    for segment, part in index.segments({key: entry.digest for key, entry in days.items()}):
        row = segment.row_of(part, doc_id)
        if row is None:
            continue
        entry = days[part.run_key]
        documents = segment.documents(part, entry.scheme.bands)
        kept = documents.take(np.flatnonzero(np.arange(len(documents)) != row - part.first))
        digest, size = index.write_segment(part.run_key, kept, entry.scheme)
        index.write_entry(entry.model_copy(update={"digest": digest, "rows": len(kept), "bytes": size}))
        found.append(part.run_key)
    if found:
        _forget_files(index, days, found)
    return Forgotten(dataset=index.dataset, name=index.name, doc_id=doc_id, days=tuple(found))


def _forget_files(index: DuplicateIndex, before: dict[str, DayEntry], run_keys: list[str]) -> None:
    """Write the months anew that hold the days as they were, and remove those files and whatever nothing names."""
    now = index.days()
    months = {run_key[:7] for run_key in run_keys}
    for segment in index.compacted():
        wanted = {part.run_key: now[part.run_key].digest for part in segment.parts if part.run_key in now}
        if segment.name in months:
            merged = _merge(index, segment.name, wanted)
            index.write_compacted(merged)
            if merged.folder != segment.folder:
                index.lake.remove(segment.folder)
    for run_key in run_keys:
        if before[run_key].digest != now[run_key].digest:
            index.lake.remove(index.folder_of(run_key, before[run_key].digest))
    _sweep(index, datetime.now(UTC) - UNFINISHED)


def _merge(index: DuplicateIndex, month: str, wanted: dict[str, str]) -> Compacted:
    """Write one segment of several days: keys sorted again, records copied as they are."""
    import numpy as np

    keys: list[NDArray[np.uint64]] = []
    rows: list[NDArray[np.int64]] = []
    parts: list[CompactedPart] = []
    segments = index.segments(wanted)
    first = 0
    for segment, part in segments:
        own_keys, own_rows = segment.entries(part)
        keys.append(own_keys)
        rows.append(own_rows + first)
        end = first + part.end - part.first
        parts.append(CompactedPart(run_key=part.run_key, digest=part.digest, first=first, end=end))
        first = end
    all_keys, all_rows = np.concatenate(keys), np.concatenate(rows)
    order = np.lexsort((all_rows, all_keys))
    sizes = np.concatenate([segment.sizes(part) for segment, part in segments])
    files = [
        *key_files(all_keys[order].astype("<u8"), all_rows[order].astype("<u4")),
        *record_files(
            sizes, lambda: (piece for segment, part in segments for piece in segment.raw_blocks(part))
        ),
    ]
    name = hashlib.sha256("".join(f"{part.run_key}{part.digest}" for part in parts).encode()).hexdigest()
    folder = index.folder_of(month, name)
    index.write_files(folder, files, {"rows": first, "month": month})
    size = sum(file.size for file in files)
    return Compacted(name=month, folder=folder, bytes=size, parts=tuple(parts))


def _parts_of(segment: Compacted) -> dict[str, str]:
    return {part.run_key: part.digest for part in segment.parts}


def _current(index: DuplicateIndex, days: dict[str, DayEntry]) -> list[tuple[Compacted, list[CompactedPart]]]:
    """Return the compacted segments with the days that they still hold."""
    found = []
    for segment in index.compacted():
        parts = [p for p in segment.parts if p.run_key in days and days[p.run_key].digest == p.digest]
        if parts:
            found.append((segment, parts))
    return found


def _used_folders(
    index: DuplicateIndex,
    days: dict[str, DayEntry],
    compacted: list[tuple[Compacted, list[CompactedPart]]],
) -> set[str]:
    """Return the folders that a reader would open."""
    covered = {part.run_key for _, parts in compacted for part in parts}
    own = {index.folder_of(key, entry.digest) for key, entry in days.items() if key not in covered}
    return own | {segment.folder for segment, _ in compacted}


def _folder_sizes(index: DuplicateIndex) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    root = index.lake.full(f"{index.root}/data")
    for full, info in index.lake.fs.find(root, detail=True).items():
        sizes[full.removeprefix(f"{index.lake.root}/").rsplit("/", 1)[0]] += int(info["size"] or 0)
    return dict(sizes)


def _sweep(index: DuplicateIndex, before: datetime) -> tuple[int, int, int]:
    """Remove folders that nothing names and in which nothing is younger than ``before``."""
    days = index.days()
    used = _used_folders(index, days, _current(index, days))
    removed = size = young = 0
    for folder, found in _folder_sizes(index).items():
        if folder in used:
            continue
        times = [_modified(index, full) for full in index.lake.fs.find(index.lake.full(folder))]
        if max(times, default=before) > before:
            young += 1
            continue
        index.lake.remove(folder)
        removed, size = removed + 1, size + found
    return removed, size, young


def _modified(index: DuplicateIndex, full: str) -> datetime:
    try:
        modified: datetime = index.lake.fs.modified(full)
    except (NotImplementedError, FileNotFoundError):
        return datetime.now(UTC)
    return modified if modified.tzinfo else modified.replace(tzinfo=UTC)
