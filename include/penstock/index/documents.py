"""Documents as the index sees them: ids, band keys and evidence, in flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Documents:
    """``keys`` has a row for each of ``ids``; the evidence of document i is at ``offsets[i]`` to ``offsets[i+1]``."""

    ids: Sequence[str]
    keys: NDArray[np.uint64]
    evidence: NDArray[np.uint32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.int64]) -> Documents:
        """Return the documents of ``rows``, in that order."""
        import numpy as np

        begins, ends = self.offsets[rows], self.offsets[rows + 1]
        parts = [self.evidence[b:e] for b, e in zip(begins.tolist(), ends.tolist(), strict=True)]
        return Documents(
            ids=[self.ids[row] for row in rows.tolist()],
            keys=self.keys[rows],
            evidence=np.concatenate([*parts, np.empty(0, dtype=np.uint32)]),
            offsets=np.concatenate([[0], np.cumsum(ends - begins)]),
        )


def empty(bands: int) -> Documents:
    """Return no documents."""
    import numpy as np

    nothing = np.empty(0, dtype=np.uint32)
    return Documents([], np.empty((0, bands), dtype=np.uint64), nothing, np.zeros(1, dtype=np.int64))


def fixed_bytes(column: pa.ChunkedArray, size: int) -> NDArray[np.uint64]:
    """Return binary values of ``size`` bytes each as rows of little-endian 64-bit numbers.

    Raises:
        ValueError: when a value has another size.
    """
    import numpy as np

    content, offsets = _flat(column)
    lengths = np.diff(offsets)
    if len(lengths) and (lengths.min() != size or lengths.max() != size):
        wrong = lengths[lengths != size][0]
        message = f"expected values of {size} bytes, got one of {wrong}"
        raise ValueError(message)
    return content.view("<u8").reshape(-1, size // 8)


def ragged(column: pa.ChunkedArray) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return binary values as one array of little-endian 32-bit numbers, and where each begins."""
    content, offsets = _flat(column)
    return content[: offsets[-1] // 4 * 4].view("<u4"), offsets // 4


def _flat(column: pa.ChunkedArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    import numpy as np
    import pyarrow as pa

    array = column.cast(pa.large_binary()).combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of no chunk at all
        array = pa.array([], type=pa.large_binary())
    _, places, values = array.buffers()
    if places is None or len(array) == 0:
        return np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    offsets = np.frombuffer(places, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    content = np.frombuffer(values, dtype=np.uint8) if values is not None else np.empty(0, dtype=np.uint8)
    return content[offsets[0] : offsets[-1]].copy(), offsets - offsets[0]
