"""Signatures and, beside them, the shingle hashes themselves: by signatures pairs meet, by shingles they are judged."""

# ruff: noqa: PLR0913, PLR0917 - numba: no sets, no generators

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from penstock.text.kernel.api import tokeniser
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled_with_memory, signed
from penstock.text.kernel.hashing import ZERO, xxh64
from penstock.text.kernel.minhash import EMPTY, Hashes, lower
from penstock.text.kernel.simplify import MAX_GROWTH, simplify
from penstock.text.kernel.vocabulary import find_words
from penstock.text.kernel.words import NO_ROOM
from penstock.text.reference.minhash import coefficients
from penstock.text.reference.minhash import simplify as simplify_plainly

ROOM, PYTHON = -1, -2
"""What `shingles_of` answers instead of a number: more room is needed, or Python must simplify the text."""
UPPER = np.uint64(32)


@compiled_with_memory
def shingles_of(
    rules: Record, simple: Record, memo: Record, words: Records, data: Bytes, start: int, stop: int,
    is_simple: bool, plain: Bytes, joined: Bytes, ngram: int, hashes: Hashes,
) -> int:  # fmt: skip
    """Write the XXH64 of each run of ``ngram`` words into ``hashes``; return how many there are."""
    length = stop - start
    if is_simple:
        for at in range(length):
            plain[at] = data[start + at]
    else:
        length = simplify(simple, data, start, stop, plain)
        if length < 0:
            return PYTHON
    count = find_words(rules, memo, words, 0, plain, 0, length)
    if count == NO_ROOM or count > len(hashes):
        return ROOM
    end, begin, first, found = 0, 0, 0, 0
    for word in range(count):
        at, size = signed(words[word].start), signed(words[word].size)
        for offset in range(size):
            joined[end + offset] = plain[at + offset]
        end += size
        if word >= ngram - 1:
            hashes[found] = xxh64(joined, begin, end, ZERO)
            found += 1
            begin += signed(words[first].size) + 1
            first += 1
        joined[end] = 32
        end += 1
    return found


@compiled_with_memory
def write_sketch(hashes: Hashes, count: int, upper: Any, sketch: int, out: Any, at: int) -> int:
    """Write the distinct upper halves of hashes in order, the least ``sketch`` of them; return where they end."""
    for i in range(count):
        upper[i] = hashes[i] >> UPPER
    upper[:count].sort()
    first = at
    for i in range(count):
        if at - first == sketch:
            break
        if i == 0 or upper[i] != upper[i - 1]:
            out[at] = upper[i]
            at += 1
    return at


@compiled_with_memory
def sign_and_sketch(
    rules: Record, simple: Record, memo: Record, words: Records, data: Bytes, starts: Any, stops: Any, first: int,
    is_simple: bool, plain: Bytes, joined: Bytes, hashes: Hashes, upper: Any, factors: Hashes, summands: Hashes,
    ngram: int, sketch: int, signatures: Hashes, evidence: Any, bounds: Any, left: Any,
) -> int:  # fmt: skip
    """Sign and sketch the texts from ``first`` on; return the first that needs more room, or their number."""
    for text in range(first, len(starts)):
        found = shingles_of(
            rules, simple, memo, words, data, starts[text], stops[text], is_simple, plain, joined, ngram, hashes,
        )  # fmt: skip
        if found == ROOM:
            return text
        left[text] = found == PYTHON
        found = max(found, 0)
        signatures[text, :] = EMPTY
        lower(hashes, found, factors, summands, signatures[text])
        bounds[text + 1] = write_sketch(hashes, found, upper, sketch, evidence, bounds[text])
    return len(starts)


class Signing(NamedTuple):
    """What is made of a text: the number of hash functions and their seed, words a shingle, shingles of a sketch."""

    hashes: int = 112
    ngram: int = 5
    seed: int = 1
    sketch: int = 1024


DATATROVE = Signing()


def signatures_and_sketches(
    data: Bytes, starts: Any, stops: Any, how: Signing = DATATROVE
) -> tuple[Hashes, Any, Any]:
    """Return for each text its signature, all sketches in one array of 32-bit numbers, and where each begins.

    Text ``i`` is ``data[starts[i] : stops[i]]``, UTF-8. Its signature is that of
    `penstock.text.kernel.api.minhash_signatures`. Its sketch holds the upper halves of its shingle hashes, distinct,
    in order, the least ``how.sketch`` of them.
    """
    signatures, evidence, bounds, left = _sign(data, starts, stops, how, is_simple=False)
    which = np.flatnonzero(left)
    if not len(which):
        return signatures, evidence[: bounds[-1]], bounds
    parts = [evidence[b:e] for b, e in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]
    for text in which.tolist():  # the few texts that only Python can simplify
        written = data[int(starts[text]) : int(stops[text])].tobytes().decode()
        simple = simplify_plainly(written).encode()
        buffer = np.frombuffer(simple + b" ", dtype=np.uint8).copy()
        begin, end = np.zeros(1, dtype=np.int64), np.full(1, len(simple), dtype=np.int64)
        own, found, ends, _ = _sign(buffer, begin, end, how, is_simple=True)
        signatures[text], parts[text] = own[0], found[: ends[-1]]
    return signatures, np.concatenate(parts), np.cumsum([0, *map(len, parts)], dtype=np.int64)


def _sign(
    data: Bytes, starts: Any, stops: Any, how: Signing, *, is_simple: bool
) -> tuple[Hashes, Any, Any, Any]:
    """Return signatures, sketches, their bounds, and which texts Python must simplify."""
    known = tokeniser()
    known.shrink()
    texts, lengths = len(starts), stops - starts
    longest = int(lengths.max(initial=0)) + 8
    plain = np.empty(MAX_GROWTH * longest, np.uint8)
    joined = np.empty((2 * MAX_GROWTH + 1) * longest, np.uint8)
    factors, summands = coefficients(how.hashes, how.seed)
    signatures = np.empty((texts, how.hashes), dtype=np.uint64)
    evidence = np.empty(int(np.minimum(lengths * MAX_GROWTH, how.sketch).sum()) + 1, dtype=np.uint32)
    bounds, left = np.zeros(texts + 1, dtype=np.int64), np.zeros(texts, dtype=np.bool_)
    done = 0
    while True:
        hashes, upper = np.empty(len(known.words), np.uint64), np.empty(len(known.words), np.uint32)
        done = sign_and_sketch(
            known.rules, known.simple, known.memo, known.words, data, starts, stops, done, is_simple, plain, joined,
            hashes, upper, factors, summands, how.ngram, how.sketch, signatures, evidence, bounds, left,
        )  # fmt: skip
        if done >= texts:
            return signatures, evidence, bounds, left
        known.grow()
