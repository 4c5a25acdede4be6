"""Step ``minhash``: the signature by which near-duplicates are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from penstock.process.step import NativeStep

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from penstock.process.texts import Texts

HASH_BYTES = 8


class Minhash(NativeStep):
    """Set ``minhash``: ``num_buckets`` times ``hashes_per_bucket`` hashes, 64 bits each, the lowest byte first.

    Definition and defaults: ``MinhashDedupSignature`` of datatrove 0.10.1 (Broder 1997; text in lower case without
    punctuation, numbers as 0; shingles of ``n_grams`` words by spaCy, hashed by XXH64). 14 buckets of 8 find a pair of
    Jaccard similarity 0.8 with probability 0.92. Null for a text of fewer than ``n_grams`` words.
    """

    kind: Literal["minhash"] = "minhash"
    num_buckets: int = Field(default=14, ge=1, le=1000)
    hashes_per_bucket: int = Field(default=8, ge=1, le=1000)
    n_grams: int = Field(default=5, ge=1, le=100)
    seed: int = Field(default=1, ge=0, le=2**32 - 1)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column."""
        import pyarrow as pa

        return {"minhash": pa.binary()}

    def compute(self, texts: Texts, alive: np.ndarray[Any, Any]) -> Mapping[str, pa.Array]:
        """Sign the texts."""
        import numpy as np
        import pyarrow as pa

        from penstock.text.kernel.api import sign_texts
        from penstock.text.kernel.minhash import EMPTY

        count = self.num_buckets * self.hashes_per_bucket
        chosen = np.flatnonzero(alive)
        found = sign_texts(
            texts.data, texts.starts[chosen], texts.stops[chosen], self.num_buckets, self.hashes_per_bucket,
            self.n_grams, self.seed,
        )  # fmt: skip
        has_one = np.zeros(len(alive), dtype=np.bool_)
        has_one[chosen] = found[:, 0] != EMPTY
        offsets = np.zeros(len(alive) + 1, dtype=np.int32)
        np.cumsum(has_one * (count * HASH_BYTES), out=offsets[1:])
        data = found[has_one[chosen]].astype("<u8").tobytes()
        buffers = [pa.array(has_one).buffers()[1], pa.py_buffer(offsets), pa.py_buffer(data)]
        return {"minhash": pa.Array.from_buffers(pa.binary(), len(alive), buffers)}
