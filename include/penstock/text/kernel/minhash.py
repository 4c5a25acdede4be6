"""MinHash signatures: simplified text, words, shingles hashed by XXH64, and the least value of each hash function."""

# ruff: noqa: PLR0913, PLR0917 - numba: no sets, no generators

from __future__ import annotations

from typing import Any

import numpy as np

from penstock.text.kernel.compiled import Bytes, Record, Records, compiled, compiled_with_memory, signed
from penstock.text.kernel.hashing import MERSENNE, MERSENNE_BITS, ZERO, xxh64
from penstock.text.kernel.simplify import simplify
from penstock.text.kernel.vocabulary import find_words
from penstock.text.kernel.words import NO_ROOM

Hashes = np.ndarray[Any, Any]
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Stands in every place of the signature of a text with too few words; no hash reaches it."""
BLOCK = 2048
"""Shingles between two looks at the hash functions: they stay in the first cache."""
DONE, NEEDS_ROOM, NEEDS_PYTHON = 0, 1, 2


@compiled_with_memory
def sign(
    rules: Record, simple: Record, memo: Record, words: Records, data: Bytes, start: int, stop: int,
    is_simple: bool, plain: Bytes, shingles: Bytes, factors: Hashes, summands: Hashes, ngram: int, out: Hashes,
) -> int:  # fmt: skip
    """Write the signature of one text into ``out``.

    ``plain`` is scratch of three times the text's bytes, ``shingles`` of six times.
    """
    length = stop - start
    if is_simple:
        for at in range(length):
            plain[at] = data[start + at]
    else:
        length = simplify(simple, data, start, stop, plain)
        if length < 0:
            return NEEDS_PYTHON
    count = find_words(rules, memo, words, 0, plain, 0, length)
    if count == NO_ROOM:
        return NEEDS_ROOM
    out[:] = EMPTY
    if count >= ngram:
        hash_shingles(words, count, plain, shingles, factors, summands, ngram, out)
    return DONE


@compiled_with_memory
def hash_shingles(
    words: Records,
    count: int,
    plain: Bytes,
    joined: Bytes,
    factors: Hashes,
    summands: Hashes,
    ngram: int,
    out: Hashes,
) -> None:
    """Join the words by blanks; hash each run of ``ngram``."""
    block = np.empty(BLOCK, dtype=np.uint64)
    filled, end, start, first = 0, 0, 0, 0
    for word in range(count):
        at, size = signed(words[word].start), signed(words[word].size)
        for offset in range(size):
            joined[end + offset] = plain[at + offset]
        end += size
        if word >= ngram - 1:
            block[filled] = xxh64(joined, start, end, ZERO)
            filled += 1
            start += signed(words[first].size) + 1
            first += 1
            if filled == BLOCK:
                lower(block, filled, factors, summands, out)
                filled = 0
        joined[end] = 32
        end += 1
    lower(block, filled, factors, summands, out)


@compiled
def lower(block: Hashes, count: int, factors: Hashes, summands: Hashes, out: Hashes) -> None:
    """Lower each least value; the inner loop over shingles is the one that LLVM makes wide."""
    for function in range(len(out)):
        factor, summand, least = factors[function], summands[function], out[function]
        for at in range(count):
            value = block[at] * factor + summand
            value = (value & MERSENNE) + (value >> MERSENNE_BITS)
            value = value - MERSENNE if value >= MERSENNE else value
            least = min(least, value)
        out[function] = least


@compiled_with_memory
def sign_all(
    rules: Record, simple: Record, memo: Record, words: Records, data: Bytes, starts: Any, stops: Any, first: int,
    plain: Bytes, shingles: Bytes, factors: Hashes, summands: Hashes, ngram: int, out: Hashes, left: Any,
) -> int:  # fmt: skip
    """Sign the texts from ``first`` on; return the first that needs more room, or their number.

    ``left`` marks the texts that Python must simplify.
    """
    for text in range(first, len(starts)):
        state = sign(
            rules, simple, memo, words, data, starts[text], stops[text], False, plain, shingles,
            factors, summands, ngram, out[text],
        )  # fmt: skip
        if state == NEEDS_ROOM:
            return text
        left[text] = state == NEEDS_PYTHON
    return len(starts)
