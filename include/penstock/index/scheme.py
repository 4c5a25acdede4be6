"""How documents are compared: bands of a MinHash signature make candidates, evidence decides.

Two documents that agree in all hashes of a band meet in a bucket (Broder 1997; Leskovec, Rajaraman, Ullman 2014,
section 3.4). A pair of Jaccard similarity 0.8 meets with probability 0.924 in 14 bands of 8 (datatrove's default) and
with 0.977 in 16 bands of 7, which are cut from the same 112 hashes; one of 0.5 with 0.053 and 0.118, and evidence
refuses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.params import Params

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 1
_MULTIPLIER = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio: the odd constant of Fibonacci hashing (Knuth, volume 3, section 6.4)."""


class Scheme(Params):
    """What must be the same for two documents to be comparable.

    ``bands`` times ``rows`` is the number of hashes of a signature. ``verify`` is the evidence by which a candidate
    pair is judged: ``shingles`` (the true Jaccard similarity of the sets of shingle hashes; of a document with more
    than ``sketch`` of them the least ones are kept, a bottom-k sketch with a standard error below 0.5 / sqrt(k)),
    ``signature`` (the share of equal hashes, standard error 0.04 at 0.8), or ``none`` (every candidate is a duplicate,
    as datatrove has it).
    """

    bands: int = Field(default=16, ge=1, le=256)
    rows: int = Field(default=7, ge=1, le=256)
    verify: Literal["shingles", "signature", "none"] = "shingles"
    sketch: int = Field(default=1024, ge=16, le=1_000_000)

    @property
    def name(self) -> str:
        """The name that an index carries; indexes of other names cannot be compared."""
        kept = f"{self.sketch} shingles" if self.verify == "shingles" else self.verify
        return f"v{VERSION} {self.bands}x{self.rows} {kept}"

    @property
    def signature_bytes(self) -> int:
        """Bytes of one signature."""
        return self.bands * self.rows * 8

    def band_keys(self, signatures: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return a 64-bit key for each band of each signature; the band's number is mixed in.

        A collision of keys makes a candidate pair that the evidence refuses; with ``verify: none`` it makes a false
        duplicate with probability 2^-64 a pair.
        """
        import numpy as np

        shaped = signatures.reshape(-1, self.bands, self.rows)
        multiplier = np.uint64(_MULTIPLIER)
        keys = np.broadcast_to(
            np.arange(1, self.bands + 1, dtype=np.uint64) * multiplier, shaped.shape[:2]
        ).copy()
        for row in range(self.rows):
            keys ^= shaped[:, :, row]
            keys *= multiplier
            keys ^= keys >> np.uint64(29)
        return keys
