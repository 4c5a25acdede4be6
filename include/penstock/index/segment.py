"""Segments: sorted band keys, and the documents they lead to, in files that are searched without reading them whole.

``keys.bin`` holds the 64-bit band keys of all documents, sorted, ``rows.bin`` the document of each, ``offsets.bin``
where each document's record begins in ``records.bin``, and ``fences.bin`` every 4,096th key. A local file is mapped
into memory; of a remote one only the blocks are fetched in which a key may lie. All numbers are little-endian.
"""

from __future__ import annotations

import functools
import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fsspec.implementations.local import LocalFileSystem

from penstock.errors import CorruptionError
from penstock.index.documents import Documents, gather, in_a_row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from penstock.lake import Lake

BLOCK_KEYS = BLOCK_RECORDS = 4096
FILES = ("keys.bin", "rows.bin", "fences.bin", "offsets.bin", "records.bin")
COPY_BYTES = 1 << 22
_LENGTH = struct.Struct("<H")


@dataclass(frozen=True)
class SegmentFile:
    """A file of a segment before it is written: its size (bytes), and its content in pieces, as often as asked for."""

    name: str
    size: int
    pieces: Callable[[], Iterable[bytes | memoryview]]

    def sha256(self) -> bytes:
        """Return the digest of the content."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.digest()


def segment_files(documents: Documents) -> list[SegmentFile]:
    """Return the files of a segment of ``documents``."""
    import numpy as np

    keys, rows = sorted_keys(documents.keys)
    names = np.array([len(doc_id.encode()) for doc_id in documents.ids], dtype=np.int64)
    sizes = _LENGTH.size + names + 4 * (documents.ends - documents.begins)
    return [*key_files(keys, rows), *record_files(sizes, lambda: _records_of(documents))]


def key_files(keys: NDArray[np.uint64], rows: NDArray[np.uint32]) -> list[SegmentFile]:
    """Return the files of sorted keys."""
    return [
        _array_file("keys.bin", keys),
        _array_file("rows.bin", rows),
        _array_file("fences.bin", keys[::BLOCK_KEYS]),
    ]


def record_files(sizes: NDArray[np.int64], pieces: Callable[[], Iterable[bytes]]) -> list[SegmentFile]:
    """Return the files of records of these sizes (bytes)."""
    import numpy as np

    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype("<u8")
    return [_array_file("offsets.bin", offsets), SegmentFile("records.bin", int(offsets[-1]), pieces)]


def _array_file(name: str, numbers: NDArray[Any]) -> SegmentFile:
    return SegmentFile(name, numbers.nbytes, lambda: [numbers.tobytes()])


def _records_of(documents: Documents) -> Iterator[bytes]:
    for first in range(0, len(documents), BLOCK_RECORDS):
        rows = range(first, min(first + BLOCK_RECORDS, len(documents)))
        yield b"".join(record_bytes(documents.ids[row], documents.evidence_of(row)) for row in rows)


def sorted_keys(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Return the keys of all documents in order, and the document of each; equal keys in the order of documents."""
    import numpy as np

    flat = keys.reshape(-1)
    order = np.argsort(flat, kind="stable")
    return flat[order].astype("<u8"), (order // max(keys.shape[1], 1)).astype("<u4")


def record_bytes(doc_id: str, evidence: NDArray[np.uint32]) -> bytes:
    """Return a document's record: the length of its id, the id, its evidence."""
    name = doc_id.encode()
    return _LENGTH.pack(len(name)) + name + evidence.astype("<u4").tobytes()


def parse_record(record: bytes) -> tuple[str, NDArray[np.uint32]]:
    """Return the id and the evidence."""
    import numpy as np

    (length,) = _LENGTH.unpack_from(record)
    end = _LENGTH.size + length
    return record[_LENGTH.size : end].decode(), np.frombuffer(record[end:], dtype="<u4")


def _numbered(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for groups of these sizes, member by member, the number of its group and its number in the group."""
    import numpy as np

    groups = np.repeat(np.arange(len(counts)), counts)
    return groups, np.arange(len(groups)) - np.repeat(np.cumsum(counts) - counts, counts)


def _blocks_of(part: Part) -> Iterator[NDArray[np.int64]]:
    import numpy as np

    for first in range(part.first, part.end, BLOCK_RECORDS):
        yield np.arange(first, min(first + BLOCK_RECORDS, part.end))


@dataclass(frozen=True)
class Part:
    """The documents of one day in a segment: rows ``first`` to ``end``, sorted by id."""

    run_key: str
    digest: str
    first: int
    end: int


class Segment:
    """A segment in the lake, opened for reading."""

    def __init__(self, lake: Lake, folder: str, parts: Sequence[Part]) -> None:
        self.lake, self.folder, self.parts = lake, folder, tuple(parts)

    def find(
        self, needles: NDArray[np.uint64], limit: int, wanted: Sequence[Part]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which of the sorted ``needles`` are keys of wanted days, and the ``limit`` oldest rows of each."""
        import numpy as np

        nothing = np.empty(0, dtype=np.int64)
        found: list[tuple[Any, Any]] = [(nothing, nothing)]
        for first, keys in self._blocks(needles) if len(needles) else ():
            low, high = np.searchsorted(needles, keys[0], "left"), np.searchsorted(needles, keys[-1], "right")
            near = needles[low:high]
            begins, ends = np.searchsorted(keys, near, "left"), np.searchsorted(keys, near, "right")
            hits = np.flatnonzero(ends > begins)
            which, within = _numbered((ends - begins)[hits])
            rows = self._rows_at(first + begins[hits][which] + within)
            found.append((hits[which] + low, rows))
        which, rows = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
        mine = np.zeros(len(rows), dtype=bool)
        for part in wanted:
            mine |= (rows >= part.first) & (rows < part.end)
        which, rows = which[mine], rows[mine]
        _, counts = np.unique(which, return_counts=True)
        few = _numbered(counts)[1] < limit
        return which[few], rows[few]

    def records(self, rows: NDArray[np.int64]) -> list[tuple[str, NDArray[np.uint32]]]:
        """Return the id and the evidence of each row."""
        return [parse_record(record) for record in self.raw_records(rows)]

    def raw_records(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return the record of each row as it is stored."""
        bounds = self._ranges("offsets.bin", [(8 * row, 8 * row + 16) for row in rows.tolist()])
        return self._ranges("records.bin", [struct.unpack("<QQ", bound) for bound in bounds])

    def entries(self, part: Part) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return the keys of a part, document by document, and the number in the part of the document of each."""
        import numpy as np

        keys, rows = self._array("keys.bin", "<u8"), self._array("rows.bin", "<u4")
        mine = np.flatnonzero((rows >= part.first) & (rows < part.end))
        order = mine[np.argsort(rows[mine], kind="stable")]
        return np.asarray(keys[order]), rows[order].astype(np.int64) - part.first

    def documents(self, part: Part, bands: int) -> Documents:
        """Return all documents of a part."""
        keys = self.entries(part)[0].reshape(-1, bands)
        return gather((self._block(rows, keys[rows - part.first]) for rows in _blocks_of(part)), bands)

    def _block(self, rows: NDArray[np.int64], keys: NDArray[np.uint64]) -> Documents:
        import numpy as np

        records = self.records(rows)
        evidence = [found for _, found in records]
        return in_a_row(
            [doc_id for doc_id, _ in records],
            keys,
            np.concatenate([*evidence, np.empty(0, dtype=np.uint32)]),
            np.cumsum([0, *(len(found) for found in evidence)], dtype=np.int64),
        )

    def ids(self, part: Part) -> list[str]:
        """Return the ids of all documents of a part."""
        return [doc_id for rows in _blocks_of(part) for doc_id, _ in self.records(rows)]

    def sizes(self, part: Part) -> NDArray[np.int64]:
        """Return the size of each record of a part (bytes)."""
        import numpy as np

        (content,) = self._ranges("offsets.bin", [(8 * part.first, 8 * part.end + 8)])
        offsets = np.frombuffer(content, dtype="<u8").astype(np.int64)
        return offsets[1:] - offsets[:-1]

    def raw_blocks(self, part: Part) -> Iterator[bytes]:
        """Yield the records of a part as they are stored, many at a time."""
        for rows in _blocks_of(part):
            yield b"".join(self.raw_records(rows))

    def files(self) -> list[SegmentFile]:
        """Return the files as they are, to be copied."""
        return [
            SegmentFile(name, self.lake.fs.size(self._full(name)), functools.partial(self._read, name))
            for name in FILES
        ]

    def _read(self, name: str) -> Iterator[bytes]:
        with self.lake.open(f"{self.folder}/{name}") as stream:
            while piece := stream.read(COPY_BYTES):
                yield piece

    def row_of(self, part: Part, doc_id: str) -> int | None:
        """Return the row of a document by binary search; ``None`` when the day does not have it."""
        import numpy as np

        low, high = part.first, part.end
        while low < high:
            middle = (low + high) // 2
            ((found, _),) = self.records(np.array([middle]))
            if found == doc_id:
                return middle
            low, high = (middle + 1, high) if found < doc_id else (low, middle)
        return None

    def _blocks(self, needles: NDArray[np.uint64]) -> Iterator[tuple[int, NDArray[np.uint64]]]:
        """Yield pieces of the sorted keys in which needles may lie, and where each begins."""
        import numpy as np

        if self._is_local:
            keys = self._array("keys.bin", "<u8")
            if len(keys):
                yield 0, keys
            return
        fences = self._array("fences.bin", "<u8")
        first = np.maximum(np.searchsorted(fences, needles, "left") - 1, 0)
        last = np.searchsorted(fences, needles, "right")  # equal keys may reach over a fence
        wanted = np.unique(
            np.concatenate(
                [np.arange(low, high) for low, high in np.unique(np.stack([first, last], 1), axis=0)]
            )
        )
        runs = np.split(wanted, np.flatnonzero(np.diff(wanted) > 1) + 1) if len(wanted) else []
        spans = [(int(run[0]) * BLOCK_KEYS * 8, (int(run[-1]) + 1) * BLOCK_KEYS * 8) for run in runs]
        size = self.lake.fs.size(self._full("keys.bin"))
        for (begin, _), content in zip(
            spans, self._ranges("keys.bin", [(b, min(e, size)) for b, e in spans]), strict=True
        ):
            yield begin // 8, np.frombuffer(content, dtype="<u8")

    def _rows_at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        import numpy as np

        if self._is_local:
            return self._array("rows.bin", "<u4")[places].astype(np.int64)
        pieces = self._ranges("rows.bin", [(4 * p, 4 * p + 4) for p in places.tolist()])
        return np.frombuffer(b"".join(pieces), dtype="<u4").astype(np.int64)

    @property
    def _is_local(self) -> bool:
        return isinstance(self.lake.fs, LocalFileSystem)

    def _full(self, name: str) -> str:
        return self.lake.full(f"{self.folder}/{name}")

    @functools.cache  # noqa: B019 - a segment lives as long as one look-up
    def _array(self, name: str, kind: str) -> NDArray[Any]:
        import numpy as np

        try:
            if not self._is_local:
                return np.frombuffer(self.lake.fs.cat_file(self._full(name)), dtype=kind)
            if self.lake.fs.size(self._full(name)) == 0:
                return np.empty(0, dtype=kind)
            return np.memmap(self._full(name), dtype=kind, mode="r")
        except FileNotFoundError as error:
            raise self._gone(name) from error

    def _ranges(self, name: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        if self._is_local:
            content = self._array(name, "u1")
            return [content[begin:end].tobytes() for begin, end in ranges]
        try:
            path = self._full(name)
            return list(
                self.lake.fs.cat_ranges([path] * len(ranges), [b for b, _ in ranges], [e for _, e in ranges])
            )
        except FileNotFoundError as error:
            raise self._gone(name) from error

    def _gone(self, name: str) -> CorruptionError:
        message = (
            f"index: expected the file {self._full(name)}, but it is gone; run the task again, and if that does not "
            "help, penstock index rebuild"
        )
        return CorruptionError(message, sample_uri=self._full(name))
