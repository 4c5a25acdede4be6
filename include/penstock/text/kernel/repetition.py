"""Gopher's repetition rules (Rae et al. 2021, arXiv:2112.11446, table A1) as datatrove 0.10.1 defines them.

`penstock.text.reference.repetition` is the same in plain Python. Each function writes its metrics into a row and
returns a reason, `KEEP` or `NO_ROOM`; without ``exhaustive`` it stops at the first reason.
"""

# ruff: noqa: PLR0913, PLR0917 - numba: no sets, no generators

from __future__ import annotations

import numpy as np

from penstock.text.kernel.code_points import strip_start, strip_stop
from penstock.text.kernel.codes import (
    DUP,
    DUP_LINE,
    DUP_LINE_CHARS,
    DUP_PARA,
    DUP_PARA_CHARS,
    KEEP,
    MAX_N,
    NO_ROOM,
    TOP,
    WORD_COUNT,
)
from penstock.text.kernel.compiled import (
    Bytes,
    Record,
    Records,
    compiled,
    compiled_with_memory,
    signed,
    unsigned,
)
from penstock.text.kernel.duplicates import clear, count_parts, table_size
from penstock.text.kernel.hashing import ONE, ZERO, mix, power

GRAM_FACTOR = unsigned(0x9E3779B97F4A7C15)


@compiled_with_memory
def repeated_parts(
    scratch_keys: Bytes, places: Records, secret: int, data: Bytes, start: int, stop: int, chars: int,
    limits: Bytes, exhaustive: bool, row: Bytes,
) -> int:  # fmt: skip
    """Which part of the paragraphs and of the lines was there before, as a number and in code points."""
    found = np.zeros(3, dtype=np.int64)
    first = strip_start(data, start, stop)
    last = strip_stop(data, first, stop)
    if not count_parts(scratch_keys, places, secret, data, first, last, 2, found):
        return NO_ROOM
    row[DUP_PARA], row[DUP_PARA_CHARS] = found[1] / found[0], found[2] / chars
    if not exhaustive:
        reason = repetition_reason(row, limits)
        if reason:
            return reason
    if not count_parts(scratch_keys, places, secret, data, start, stop, 1, found):
        return NO_ROOM
    row[DUP_LINE], row[DUP_LINE_CHARS] = found[1] / found[0], found[2] / chars
    return repetition_reason(row, limits)


@compiled
def repetition_reason(row: Bytes, limits: Bytes) -> int:
    """Return the first reason that the metrics give; one that is not there and a limit of NaN give none."""
    for metric in range(WORD_COUNT):
        if row[metric] > limits[metric]:
            return metric + 1
    return KEEP


@compiled
def over(row: Bytes, limits: Bytes, metric: int, reason: int) -> int:
    """Return the reason so far, else that of a metric above its limit; a limit of NaN is none."""
    return metric + 1 if reason == KEEP and row[metric] > limits[metric] else reason


@compiled
def repeated_ngrams(
    keys: Bytes, places: Records, memo: Record, words: Records, count: int, chars: int, limits: Bytes,
    exhaustive: bool, reason: int, row: Bytes,
) -> int:  # fmt: skip
    """Which part of the characters the most frequent short n-gram has, and which the repeated long ones."""
    size = table_size(count)
    if size > len(keys):
        return NO_ROOM
    unique = False
    for n in range(1, MAX_N + 1):
        if not np.isnan(limits[TOP + n]) and count >= n:
            top = (
                first_gram_chars(words, n) if unique else top_gram_chars(keys, places, size, words, count, n)
            )
            unique = unique or top < 0
            row[TOP + n] = abs(top) / chars
            reason = over(row, limits, TOP + n, reason)
            if reason and not exhaustive:
                return reason
    sum_hashes(words, count, memo)
    for n in range(1, MAX_N + 1):
        if not np.isnan(limits[DUP + n]):
            row[DUP + n] = repeated_chars(keys, size, memo, words, count, n) / chars
            reason = over(row, limits, DUP + n, reason)
            if reason and not exhaustive:
                return reason
    return reason


@compiled
def first_gram_chars(words: Records, n: int) -> int:
    """Return the code points of the first n-gram, with blanks between its words."""
    return gram_chars(words, 0, n) + n - 1


@compiled
def gram_chars(words: Records, first: int, n: int) -> int:
    """Return the code points of n words, without blanks."""
    chars = 0
    for at in range(first, first + n):
        chars += signed(words[at].chars)
    return chars


@compiled
def top_gram_chars(keys: Bytes, places: Records, size: int, words: Records, count: int, n: int) -> int:
    """Return the code points of the most frequent n-gram times its number; of the first one, when several are.

    The answer is negative when no n-gram is there twice: then no longer one is.
    """
    clear(keys, size)
    best, best_first = 1, 0
    for first in range(count - n + 1):
        key = words[first].hash
        for at in range(first + 1, first + n):
            key = key * GRAM_FACTOR + words[at].hash
        key = mix(key) | ONE
        slot = signed(key >> unsigned(7)) & (size - 1)
        while keys[slot] != ZERO and keys[slot] != key:
            slot = (slot + 1) & (size - 1)
        if keys[slot] == ZERO:
            keys[slot] = key
            places[slot].start = first
            places[slot].size = 1
            continue
        times_seen = signed(places[slot].size) + 1
        places[slot].size = times_seen
        if times_seen > best or (times_seen == best and places[slot].start < best_first):
            best, best_first = times_seen, signed(places[slot].start)
    chars = (gram_chars(words, best_first, n) + n - 1) * best
    return chars if best > 1 else -chars


@compiled
def sum_hashes(words: Records, count: int, memo: Record) -> None:
    """Write beside each word the hash of all words up to it, run together."""
    total = ZERO
    for at in range(count):
        total = total * power_of(memo, signed(words[at].size)) + words[at].hash
        words[at].total = total


@compiled
def repeated_chars(keys: Bytes, size: int, memo: Record, words: Records, count: int, n: int) -> int:
    """Return the code points of n-grams that were there before, each run skipped as a whole.

    As in datatrove, n-grams are compared with their words run together.
    """
    clear(keys, size)
    first, chars = 0, 0
    width = gram_bytes(words, 0, min(n, count))
    while first < count - n + 1:
        before = words[first - 1].total if first > 0 else ZERO
        key = words[first + n - 1].total - before * power_of(memo, width)
        key = mix(key) | ONE
        slot = signed(key >> unsigned(7)) & (size - 1)
        while keys[slot] != ZERO and keys[slot] != key:
            slot = (slot + 1) & (size - 1)
        if keys[slot] == key:
            chars += gram_chars(words, first, n)
            first += n
            width = gram_bytes(words, first, min(n, count - first))
        else:
            keys[slot] = key
            if first + n < count:
                width += signed(words[first + n].size) - signed(words[first].size)
            first += 1
    return chars


@compiled
def gram_bytes(words: Records, first: int, n: int) -> int:
    """Return the bytes of n words, without blanks."""
    size = 0
    for at in range(first, first + n):
        size += signed(words[at].size)
    return size


@compiled
def power_of(memo: Record, exponent: int) -> int:
    """Return a power of the base of hashes, from the table when it is a short one."""
    if exponent < len(memo.powers):
        kept: int = memo.powers[exponent]
        return kept
    return power(memo.word_base, exponent)
