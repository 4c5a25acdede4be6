"""Documents as the index sees them: ids, band keys and evidence, in flat arrays."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.lake import storage_errors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Documents:
    """``keys`` has a row for each of ``ids``; the evidence of document i is ``evidence[begins[i] : ends[i]]``."""

    ids: Sequence[str]
    keys: NDArray[np.uint64]
    evidence: NDArray[np.uint32]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def places(self) -> NDArray[np.int64]:
        """Where the evidence of each document is: a row of its begin and its end."""
        import numpy as np

        return np.stack([self.begins, self.ends], axis=1)

    def evidence_of(self, row: int) -> NDArray[np.uint32]:
        """Return the evidence of one document."""
        return self.evidence[self.begins[row] : self.ends[row]]

    def take(self, rows: NDArray[np.int64]) -> Documents:
        """Return the documents of ``rows``, in that order; no evidence is copied."""
        ids = [self.ids[row] for row in rows.tolist()]
        return Documents(ids, self.keys[rows], self.evidence, self.begins[rows], self.ends[rows])

    def with_evidence_of(self, rows: NDArray[np.int64]) -> Documents:
        """Return all documents, with a copy of the evidence of ``rows`` (no row twice) and none of the others."""
        import numpy as np

        sizes = np.zeros(len(self), dtype=np.int64)
        sizes[rows] = self.ends[rows] - self.begins[rows]
        ends = np.cumsum(sizes)
        parts = [self.evidence_of(row) for row in np.sort(rows).tolist()]
        evidence = np.concatenate([*parts, np.empty(0, dtype=np.uint32)])
        return Documents(self.ids, self.keys, evidence, ends - sizes, ends)


def in_a_row(
    ids: Sequence[str],
    keys: NDArray[np.uint64],
    evidence: NDArray[np.uint32],
    offsets: NDArray[np.int64],
) -> Documents:
    """Return documents whose evidence lies one after the other, between ``offsets``."""
    return Documents(ids, keys, evidence, offsets[:-1], offsets[1:])


def empty(bands: int) -> Documents:
    """Return no documents."""
    import numpy as np

    nothing = np.empty(0, dtype=np.uint32)
    return in_a_row([], np.empty((0, bands), dtype=np.uint64), nothing, np.zeros(1, dtype=np.int64))


def gather(parts: Iterable[Documents], bands: int) -> Documents:
    """Return the documents of all parts; their evidence, most of which nobody looks at, is kept in a `Spool`."""
    import numpy as np

    spool, none = Spool(), empty(bands)
    ids: list[str] = []
    keys, begins, ends = [none.keys], [none.begins], [none.ends]
    for part in parts:
        sizes = part.ends - part.begins
        start = spool.size + np.cumsum(sizes) - sizes
        for row in range(len(part)):
            spool.add(part.evidence_of(row))
        ids += part.ids
        keys.append(part.keys)
        begins.append(start)
        ends.append(start + sizes)
    return Documents(ids, np.concatenate(keys), spool.array(), np.concatenate(begins), np.concatenate(ends))


class Spool:
    """32-bit numbers in a file without a name, below ``TMPDIR``: memory holds the pages that are looked at."""

    def __init__(self) -> None:
        self._file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the array on it
        self.size = 0

    def add(self, numbers: NDArray[np.uint32]) -> None:
        """Append numbers."""
        with storage_errors(tempfile.gettempdir()):
            self._file.write(numbers.data)
        self.size += len(numbers)

    def array(self) -> NDArray[np.uint32]:
        """Return all numbers; nothing is added any more."""
        import numpy as np

        with storage_errors(tempfile.gettempdir()):
            self._file.flush()
        if not self.size:
            return np.empty(0, dtype=np.uint32)
        return np.memmap(self._file, dtype=np.uint32, mode="r", shape=(self.size,))
