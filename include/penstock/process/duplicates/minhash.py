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

HASH_BYTES, SHINGLE_BYTES = 8, 4


class Minhash(NativeStep):
    """Set ``minhash``: ``num_buckets`` times ``hashes_per_bucket`` hashes, 64 bits each, the lowest byte first.

    Definition and defaults: ``MinhashDedupSignature`` of datatrove 0.10.1 (Broder 1997; text in lower case without
    punctuation, numbers as 0; shingles of ``n_grams`` words by spaCy, hashed by XXH64). 14 buckets of 8 find a pair of
    Jaccard similarity 0.8 with probability 0.92. Null for a text of fewer than ``n_grams`` words.

    With ``sketch`` (as in ``near_duplicates``, 1024 there) it also sets ``minhash_shingles``, by which that step judges
    pairs: made here it costs little, made there the text is taken apart a second time.
    """

    kind: Literal["minhash"] = "minhash"
    num_buckets: int = Field(default=14, ge=1, le=1000)
    hashes_per_bucket: int = Field(default=8, ge=1, le=1000)
    n_grams: int = Field(default=5, ge=1, le=100)
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    sketch: int = Field(default=0, ge=0, le=1_000_000)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column."""
        import pyarrow as pa

        return {"minhash": pa.binary(), **({"minhash_shingles": pa.binary()} if self.sketch else {})}

    def compute(self, texts: Texts, alive: np.ndarray[Any, Any]) -> Mapping[str, pa.Array]:
        """Sign the texts."""
        import numpy as np

        count = self.num_buckets * self.hashes_per_bucket
        chosen = np.flatnonzero(alive)
        begins, ends = texts.starts[chosen], texts.stops[chosen]
        if not self.sketch:
            from penstock.text.kernel.api import sign_texts

            buckets = (self.num_buckets, self.hashes_per_bucket)
            found = sign_texts(texts.data, begins, ends, *buckets, self.n_grams, self.seed)
            return {
                "minhash": _binary(alive, chosen, found, found.astype("<u8").tobytes(), count * HASH_BYTES)
            }
        from penstock.text.kernel.shingles import Signing, signatures_and_sketches

        how = Signing(hashes=count, ngram=self.n_grams, seed=self.seed, sketch=self.sketch)
        found, shingles, bounds = signatures_and_sketches(texts.data, begins, ends, how)
        sizes = np.diff(bounds) * SHINGLE_BYTES
        return {
            "minhash": _binary(alive, chosen, found, found.astype("<u8").tobytes(), count * HASH_BYTES),
            "minhash_shingles": _binary(alive, chosen, found, shingles.astype("<u4").tobytes(), sizes),
        }


def _binary(alive: Any, chosen: Any, signatures: Any, data: bytes, sizes: Any) -> pa.Array:
    """Return a binary column of the values of the chosen texts, as in ``data``; null for an empty signature."""
    import numpy as np
    import pyarrow as pa

    from penstock.text.kernel.minhash import EMPTY

    has_one, lengths = np.zeros(len(alive), dtype=np.bool_), np.zeros(len(alive), dtype=np.int64)
    has_one[chosen], lengths[chosen] = signatures[:, 0] != EMPTY, sizes
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    buffers = [pa.array(has_one).buffers()[1], pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), len(alive), buffers).cast(pa.binary())
