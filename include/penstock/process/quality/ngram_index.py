"""An index of the word n-grams of benchmarks: hashes, as one file for all workers.

Words are compared without case, punctuation and accents of compatibility (NFKC); each Han character, and each Kana,
is a word, so that no segmenter is asked. The hash of an n-gram is a polynomial of its words' xxh64 modulo 2^64.
"""

from __future__ import annotations

import functools
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(f"[{_ALONE}]|[^\\W_{_ALONE}]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’ʼ"))
_BASE = 0x9E3779B97F4A7C15
"""Odd, so that no word's hash is lost; 2^64 by the golden ratio (Knuth, TAOCP 6.4)."""


class Hit(NamedTuple):
    """The first n-gram of a text that is in the index, in how many benchmarks' n-grams of the text are."""

    benchmark: str
    ngram: str
    found: int


def words_of(text: str) -> list[str]:
    """Return the words as the index compares them."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES))


def build(benchmarks: Mapping[str, Iterable[str]], n: int, min_n: int) -> bytes:
    """Return the file of an index.

    An example of fewer than ``n`` words but ``min_n`` or more is one n-gram of its own length. Of an n-gram in several
    benchmarks the first one in the order of names is kept.
    """
    import numpy as np

    names = sorted(benchmarks)
    found: dict[int, dict[int, int]] = {}
    for number, name in enumerate(names):
        for example in benchmarks[name]:
            words = words_of(example)
            size = min(n, len(words))
            if size >= min_n:
                by_hash = found.setdefault(size, {})
                for value in _ngram_hashes(_word_hashes(words), size).tolist():
                    by_hash.setdefault(value, number)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "names": np.frombuffer(json.dumps(names).encode(), dtype=np.uint8)
    }
    for size, by_hash in sorted(found.items()):
        hashes = np.array(sorted(by_hash), dtype="<u8")
        arrays[f"hashes_{size}"] = hashes
        arrays[f"owners_{size}"] = np.array([by_hash[value] for value in hashes.tolist()], dtype="<u2")
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # its stub takes names for flags
    return stream.getvalue()


class NgramIndex:
    """An index that was built."""

    def __init__(self, content: bytes) -> None:
        import numpy as np

        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            self.names: list[str] = json.loads(arrays["names"].tobytes())
            sizes = sorted(
                int(key.removeprefix("hashes_")) for key in arrays.files if key.startswith("hashes_")
            )
            self._by_size = {size: (arrays[f"hashes_{size}"], arrays[f"owners_{size}"]) for size in sizes}

    def __len__(self) -> int:
        return sum(len(hashes) for hashes, _ in self._by_size.values())

    def find(self, text: str) -> Hit | None:
        """Return the first of the longest n-grams of the text that are in the index, and how many there are."""
        import numpy as np

        words = words_of(text)
        hashes = _word_hashes(words)
        first: tuple[int, int, int] | None = None
        count = 0
        for size, (listed, owners) in sorted(self._by_size.items(), reverse=True):
            ngrams = _ngram_hashes(hashes, size)
            places = np.minimum(listed.searchsorted(ngrams), len(listed) - 1)
            at = np.flatnonzero(listed[places] == ngrams)
            count += len(at)
            if first is None and len(at):
                first = (int(at[0]), size, int(owners[places[at[0]]]))
        if first is None:
            return None
        start, size, owner = first
        return Hit(self.names[owner], " ".join(words[start : start + size]), count)


def _word_hashes(words: Sequence[str]) -> Hashes:
    import numpy as np

    return np.fromiter(map(_hash_of, words), dtype=np.uint64, count=len(words))


@functools.lru_cache(maxsize=1 << 17)
def _hash_of(word: str) -> int:
    import xxhash

    return xxhash.xxh64_intdigest(word.encode("utf-8", "surrogatepass"))


def _ngram_hashes(words: Hashes, n: int) -> Hashes:
    """Return the hash of each n-gram; overflow is the modulus."""
    import numpy as np

    if len(words) < n:
        return np.zeros(0, dtype=np.uint64)
    total = np.zeros(len(words) - n + 1, dtype=np.uint64)
    for offset in range(n):
        total = total * np.uint64(_BASE) + words[offset : len(words) - n + 1 + offset]
    return total
