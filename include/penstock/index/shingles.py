"""Shingle hashes of a text, in plain Python: the evidence by which two documents are compared.

The words are those of the lowercased text without punctuation, numbers as ``0``, letters without diacritics, split at
white space. `evidence_of` keeps of the 64-bit hashes of five successive words the upper halves, distinct and sorted.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

WORDS = 5
"""Words of a shingle, as datatrove 0.10.1 has it (MinhashConfig.n_grams)."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SEPARATOR = re.compile(r"[\W_]+")


def words_of(text: str) -> list[str]:
    """Return the words that are compared."""
    simple = _SEPARATOR.sub(" ", _NUMBER.sub("0", text.lower()))
    if not simple.isascii():
        decomposed = unicodedata.normalize("NFD", simple)
        simple = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return simple.split()


def shingle_hashes(text: str) -> NDArray[np.uint64]:
    """Return the distinct hashes of the text's shingles, sorted; none for a text of fewer than five words."""
    import numpy as np
    import xxhash

    words = words_of(text)
    # A lone surrogate cannot be encoded strictly; the pass has sent such a text to quarantine before.
    shingles = {
        " ".join(words[i : i + WORDS]).encode("utf-8", "replace") for i in range(len(words) - WORDS + 1)
    }
    hashes = np.fromiter((xxhash.xxh64_intdigest(s) for s in shingles), dtype=np.uint64, count=len(shingles))
    return np.sort(hashes)


def evidence_of(hashes: NDArray[np.uint64], sketch: int) -> NDArray[np.uint32]:
    """Return the upper halves of sorted 64-bit hashes, distinct, the least ``sketch`` of them."""
    import numpy as np

    upper = (hashes >> np.uint64(32)).astype(np.uint32)
    return np.unique(upper)[:sketch]


def pack_evidence(texts: Sequence[str | None], sketch: int) -> list[bytes | None]:
    """Return the evidence of each text as little-endian bytes; null stays null."""
    return [
        None if text is None else evidence_of(shingle_hashes(text), sketch).astype("<u4").tobytes()
        for text in texts
    ]
