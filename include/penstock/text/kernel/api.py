"""What the rest of Penstock calls: words and MinHash signatures, of many texts in one buffer."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from penstock.text.kernel.compiled import Bytes, Record, Records
from penstock.text.kernel.hashing import fill_powers
from penstock.text.kernel.layout import CACHE_LINE, VOCABULARY, WORDS
from penstock.text.kernel.minhash import Hashes, sign, sign_all
from penstock.text.kernel.simplify import MAX_GROWTH, load_simple
from penstock.text.kernel.tables import load_rules
from penstock.text.kernel.vocabulary import find_words
from penstock.text.kernel.words import NO_ROOM
from penstock.text.reference.minhash import coefficients, simplify

Offsets = np.ndarray[Any, np.dtype[np.int64]]
FIRST_ROOM = 1 << 16
KEPT_ROOM = 1 << 22
"""Words for which memory is kept between documents; what a larger document needed is given back after it."""


class Tokeniser:
    """The words of English texts, as datatrove makes them with spaCy; one in a process is enough (`tokeniser`)."""

    def __init__(self) -> None:
        self.rules: Record = load_rules()
        self.memo: Record = new_vocabulary()
        self.simple: Record = load_simple()
        self.words: Records = np.empty(FIRST_ROOM, dtype=WORDS)

    def tokenise(self, data: Bytes, offsets: Offsets) -> tuple[Offsets, Offsets, Offsets]:
        """Return where the words of texts begin and end in ``data`` (bytes), and each text's first word.

        ``offsets`` are the texts' places, one more than there are texts, as in Arrow; text ``i`` has the words
        ``first[i]`` up to ``first[i + 1]``. The data must be UTF-8.
        """
        starts: list[Offsets] = []
        stops: list[Offsets] = []
        first = np.zeros(len(offsets), dtype=np.int64)
        for text in range(len(offsets) - 1):
            begin = int(offsets[text])
            count = self.find(data, begin, int(offsets[text + 1]))
            found = self.words[:count]
            start = found["start"] + np.int64(begin)
            starts.append(start)
            stops.append(start + found["size"])
            first[text + 1] = first[text] + len(found)
        empty = [np.zeros(0, dtype=np.int64)]
        return np.concatenate(starts or empty), np.concatenate(stops or empty), first

    def find(self, data: Bytes, start: int, stop: int) -> int:
        """Write the words of one text into ``words``, growing it; return their number."""
        self.shrink()
        while (count := find_words(self.rules, self.memo, self.words, 0, data, start, stop)) == NO_ROOM:
            self.grow()
        return int(count)

    def grow(self) -> None:
        """Make room for twice as many words."""
        self.words = np.empty(2 * len(self.words), dtype=WORDS)

    def shrink(self) -> None:
        """Give back what one large document needed."""
        if len(self.words) > KEPT_ROOM:
            self.words = np.empty(KEPT_ROOM, dtype=WORDS)


def english_words(text: str) -> list[str]:
    """Return the words of one text as Python strings; lone surrogates, which have no UTF-8 form, are question marks."""
    content = text.encode("utf-8", "replace")
    offsets = np.array([0, len(content)], dtype=np.int64)
    starts, stops, _ = tokeniser().tokenise(np.frombuffer(content, dtype=np.uint8), offsets)
    places = zip(starts.tolist(), stops.tolist(), strict=True)
    return [content[start:stop].decode() for start, stop in places]


def minhash_signatures(
    data: Bytes,
    offsets: Offsets,
    num_buckets: int = 14,
    hashes_per_bucket: int = 8,
    ngram: int = 5,
    seed: int = 1,
) -> Hashes:
    """Return a row of ``num_buckets * hashes_per_bucket`` hashes for each text, bucket after bucket.

    They are datatrove's (``MinhashDedupSignature`` of 0.10.1, 64 bit). A text of fewer than ``ngram`` words, which
    datatrove skips, has `penstock.text.kernel.minhash.EMPTY` in every place. ``data`` and ``offsets`` as in
    `Tokeniser.tokenise`; the data must be UTF-8.
    """
    return sign_texts(data, offsets[:-1], offsets[1:], num_buckets, hashes_per_bucket, ngram, seed)


def sign_texts(
    data: Bytes,
    starts: Offsets,
    stops: Offsets,
    num_buckets: int,
    hashes_per_bucket: int,
    ngram: int,
    seed: int,
) -> Hashes:
    """Do the same for the texts ``data[starts[i] : stops[i]]``, which need not be side by side."""
    count = num_buckets * hashes_per_bucket
    factors, summands = coefficients(count, seed)
    out = np.empty((len(starts), count), dtype=np.uint64)
    left = np.zeros(len(starts), dtype=np.bool_)
    if not len(starts):
        return out
    known = tokeniser()
    known.shrink()
    longest = int(np.max(stops - starts)) + 8
    plain, joined = np.empty(MAX_GROWTH * longest, np.uint8), np.empty(2 * MAX_GROWTH * longest, np.uint8)
    shared = (plain, joined, factors, summands, ngram)
    done = 0
    while True:
        where = (known.rules, known.simple, known.memo, known.words, data)
        done = sign_all(*where, starts, stops, done, *shared, out, left)
        if done == len(starts):
            break
        known.grow()
    for text in np.flatnonzero(left):
        simple = simplify(data[int(starts[text]) : int(stops[text])].tobytes().decode()).encode()
        _sign_simple(known, simple, factors, summands, ngram, out[text])
    return out


def _sign_simple(
    known: Tokeniser, simple: bytes, factors: Hashes, summands: Hashes, ngram: int, out: Hashes
) -> None:
    """Sign a text that Python simplified."""
    buffer, size = np.frombuffer(simple + b" ", dtype=np.uint8).copy(), len(simple)
    plain, joined = np.empty(size + 8, np.uint8), np.empty(2 * size + 8, np.uint8)
    while sign(
        known.rules, known.simple, known.memo, known.words, buffer, 0, size, True, plain, joined, factors, summands,
        ngram, out,
    ):  # fmt: skip
        known.grow()


def new_vocabulary() -> Record:
    """Return an empty vocabulary with new secrets; its memory is taken as it is used."""
    memory = np.zeros(VOCABULARY.itemsize + CACHE_LINE, dtype=np.uint8)
    first = -memory.ctypes.data % CACHE_LINE
    memo = memory[first : first + VOCABULARY.itemsize].view(VOCABULARY)[0]
    memo["chunk_secret"] = secrets.randbits(64) | 1
    memo["chunk_factor"] = secrets.randbits(64) | 1 << 40 | 5
    memo["word_base"] = secrets.randbits(64) | 1
    memo["part_secret"] = secrets.randbits(64)
    powers = np.empty(len(memo["powers"]), dtype=np.uint64)
    fill_powers(powers, memo["word_base"])
    memo["powers"] = powers
    return memo


_tokeniser: Tokeniser | None = None


def tokeniser() -> Tokeniser:
    """Return the one of this process."""
    global _tokeniser  # tables and vocabulary are shared by all steps of a process
    if _tokeniser is None:
        _tokeniser = Tokeniser()
    return _tokeniser
