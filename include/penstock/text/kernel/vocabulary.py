"""Words of a text: each chunk between white space is taken apart once, and then remembered.

The memory is bounded: two generations, of which the younger takes what is new and what the older still knew when it was
needed again. Words of a document are copies, so that forgetting in the middle of one does no harm.
"""

# ruff: noqa: SIM102 - numba: no sets, no generators

from __future__ import annotations

from penstock.text.kernel.code_points import blank_bytes
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled, signed, unsigned
from penstock.text.kernel.hashing import ZERO, mix
from penstock.text.kernel.layout import BLANK_BEFORE, MEMO_CHUNKS, MEMO_SLOTS, MEMO_WORDS
from penstock.text.kernel.words import NO_ROOM, describe, split_chunk

MAX_MEMO_BYTES = 96
"""Longer chunks are taken apart each time: they are rare, and a bounded length keeps their hash beyond attack."""
MAX_MEMO_WORDS = 255
SIZE_BITS = 12
SIZE_MASK = (1 << SIZE_BITS) - 1


@compiled
def find_words(
    rules: Record, memo: Record, words: Records, count: int, data: Bytes, start: int, stop: int
) -> int:
    """Append the words of a text, their places counted from ``start``; return their number or `NO_ROOM`."""
    at = start
    secret, factor = memo.chunk_secret, memo.chunk_factor
    while at < stop:
        blank_from = at
        while at < stop:
            size = blank_bytes(data, at, stop)
            if size == 0:
                break
            at += size
        if at >= stop:
            break
        blank = BLANK_BEFORE if is_blank_token(data, blank_from, at, start) else 0
        chunk, key = at, secret
        while at < stop:
            byte = data[at]
            if byte <= 32 or byte >= 0xC2:
                if blank_bytes(data, at, stop) > 0:
                    break
            key = (key ^ unsigned(byte)) * factor
            at += 1
        first = count
        count = add_chunk(rules, memo, words, count, data, start, chunk, at, mix(key))
        if count == NO_ROOM:
            return NO_ROOM
        words[first].flags |= blank
    return count


@compiled
def is_blank_token(data: Bytes, start: int, stop: int, first: int) -> bool:
    """Whether spaCy makes a token of a run of white space: not of a single blank, except at the very beginning."""
    return stop > start and (start == first or stop - start > 1 or data[start] != 32)


@compiled
def add_chunk(
    rules: Record,
    memo: Record,
    words: Records,
    count: int,
    data: Bytes,
    base: int,
    start: int,
    stop: int,
    key: int,
) -> int:
    """Append the words of one chunk, from memory when it is there."""
    if key == ZERO or stop - start > MAX_MEMO_BYTES:
        return take_apart(rules, memo, words, count, data, base, start, stop)
    young = signed(memo.young)
    slot = slot_of(memo, young, key)
    generation = young
    if memo.keys[young, slot] == ZERO:
        generation = 1 - young
        slot = slot_of(memo, generation, key)
        if memo.keys[generation, slot] == ZERO:
            first = count
            count = take_apart(rules, memo, words, count, data, base, start, stop)
            if count != NO_ROOM:
                learn(memo, words, first, count, key)
            return count
    number = signed(memo.count[generation, slot])
    if count + number > len(words):
        return NO_ROOM
    first, place, at = count, start - base, signed(memo.at[generation, slot])
    for offset in range(number):
        meta = signed(memo.meta[generation, at + offset])
        words[count].hash = memo.hash[generation, at + offset]
        words[count].start = place
        words[count].size = meta & SIZE_MASK
        words[count].chars = (meta >> SIZE_BITS) & SIZE_MASK
        words[count].flags = meta >> (2 * SIZE_BITS)
        place += meta & SIZE_MASK
        count += 1
    if generation != young:
        learn(memo, words, first, count, key)
    return count


@compiled
def take_apart(
    rules: Record, memo: Record, words: Records, count: int, data: Bytes, base: int, start: int, stop: int
) -> int:
    """Append the words of a chunk by the rules."""
    first = count
    count = split_chunk(rules, words, count, data, base, start, stop)
    if count != NO_ROOM:
        for at in range(first, count):
            describe(rules, words, at, data, base, memo.word_base)
    return count


@compiled
def slot_of(memo: Record, generation: int, key: int) -> int:
    """Return the slot that has the key, or the free one where it belongs."""
    slot = signed(key & unsigned(MEMO_SLOTS - 1))
    while memo.keys[generation, slot] != ZERO and memo.keys[generation, slot] != key:
        slot = (slot + 1) & (MEMO_SLOTS - 1)
    return slot


@compiled
def learn(memo: Record, words: Records, first: int, count: int, key: int) -> None:
    """Remember the words of a chunk in the young generation."""
    number = count - first
    if number > MAX_MEMO_WORDS:
        return
    young = signed(memo.young)
    if memo.chunks[young] >= MEMO_CHUNKS or memo.filled[young] + number > MEMO_WORDS:
        young = 1 - young
        memo.young = young
        memo.chunks[young] = 0
        memo.filled[young] = 0
        for slot in range(MEMO_SLOTS):
            memo.keys[young, slot] = ZERO
    slot = slot_of(memo, young, key)
    at = signed(memo.filled[young])
    memo.keys[young, slot] = key
    memo.at[young, slot] = at
    memo.count[young, slot] = number
    for offset in range(number):
        word = words[first + offset]
        meta = (
            signed(word.size)
            | signed(word.chars) << SIZE_BITS
            | (signed(word.flags) & ~BLANK_BEFORE) << (2 * SIZE_BITS)
        )
        memo.hash[young, at + offset] = word.hash
        memo.meta[young, at + offset] = meta
    memo.chunks[young] += 1
    memo.filled[young] += number
