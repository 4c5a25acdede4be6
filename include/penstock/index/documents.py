"""Documents as the index sees them: ids, band keys and evidence, in flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
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
