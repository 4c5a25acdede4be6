"""Signatures and, beside them, the shingle hashes themselves: by signatures pairs meet, by shingles they are judged."""

# ruff: noqa: PLR0913, PLR0917 - numba: no sets, no generators

from __future__ import annotations

from typing import Any

import numpy as np

from penstock.text.kernel.api import tokeniser
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled, signed
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


@compiled
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


@compiled
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


@compiled
def sign_and_sketch(
    rules: Record, simple: Record, memo: Record, words: Records, data: Bytes, offsets: Any, first: int,
    is_simple: bool, plain: Bytes, joined: Bytes, hashes: Hashes, upper: Any, factors: Hashes, summands: Hashes,
    ngram: int, sketch: int, signatures: Hashes, evidence: Any, bounds: Any, left: Any,
) -> int:  # fmt: skip
    """Sign and sketch the texts from ``first`` on; return the first that needs more room, or their number."""
    for text in range(first, len(offsets) - 1):
        found = shingles_of(
            rules, simple, memo, words, data, offsets[text], offsets[text + 1], is_simple, plain, joined, ngram, hashes,
        )  # fmt: skip
        if found == ROOM:
            return text
        left[text] = found == PYTHON
        found = max(found, 0)
        signatures[text, :] = EMPTY
        lower(hashes, found, factors, summands, signatures[text])
        bounds[text + 1] = write_sketch(hashes, found, upper, sketch, evidence, bounds[text])
    return len(offsets) - 1


def signatures_and_sketches(
    data: Bytes, offsets: Any, *, count: int = 112, ngram: int = 5, seed: int = 1, sketch: int = 1024
) -> tuple[Hashes, Any, Any]:
    """Return for each text its signature, and where in an array of 32-bit numbers its sketch begins.

    The signature is that of `penstock.text.kernel.api.minhash_signatures`. The sketch holds the upper halves of the
    text's shingle hashes, distinct, in order, the least ``sketch`` of them.
    """
    return _simplified_where_needed(data, offsets, _run(data, offsets, False, count, ngram, seed, sketch))


def _run(
    data: Bytes, offsets: Any, is_simple: bool, count: int, ngram: int, seed: int, sketch: int
) -> tuple[Hashes, Any, Any, Any, Any]:
    known = tokeniser()
    known.shrink()
    texts = len(offsets) - 1
    lengths = np.diff(offsets)
    longest = int(lengths.max(initial=0)) + 8
    plain, joined = (
        np.empty(MAX_GROWTH * longest, np.uint8),
        np.empty((2 * MAX_GROWTH + 1) * longest, np.uint8),
    )
    factors, summands = coefficients(count, seed)
    signatures = np.empty((texts, count), dtype=np.uint64)
    evidence = np.empty(int(np.minimum(lengths * MAX_GROWTH, sketch).sum()) + 1, dtype=np.uint32)
    bounds, left = np.zeros(texts + 1, dtype=np.int64), np.zeros(texts, dtype=np.bool_)
    done = 0
    while True:
        hashes, upper = np.empty(len(known.words), np.uint64), np.empty(len(known.words), np.uint32)
        done = sign_and_sketch(
            known.rules, known.simple, known.memo, known.words, data, offsets, done, is_simple, plain, joined, hashes,
            upper, factors, summands, ngram, sketch, signatures, evidence, bounds, left,
        )  # fmt: skip
        if done >= texts:
            return signatures, evidence, bounds, left, (count, ngram, seed, sketch)
        known.grow()


def _simplified_where_needed(data: Bytes, offsets: Any, found: Any) -> tuple[Hashes, Any, Any]:
    """Do the few texts again that only Python can simplify, and put their sketches in their places."""
    signatures, evidence, bounds, left, (count, ngram, seed, sketch) = found
    which = np.flatnonzero(left)
    if not len(which):
        return signatures, evidence[: bounds[-1]], bounds
    parts = [evidence[b:e] for b, e in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]
    for text in which.tolist():
        simple = simplify_plainly(
            data[int(offsets[text]) : int(offsets[text + 1])].tobytes().decode()
        ).encode()
        buffer, places = (
            np.frombuffer(simple + b" ", dtype=np.uint8).copy(),
            np.array([0, len(simple)], np.int64),
        )
        again, own, ends, _, _ = _run(buffer, places, True, count, ngram, seed, sketch)
        signatures[text], parts[text] = again[0], own[: ends[-1]]
    return signatures, np.concatenate(parts), np.cumsum([0, *map(len, parts)], dtype=np.int64)
