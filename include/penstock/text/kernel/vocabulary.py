"""Words of a text: each chunk between white space is taken apart once, and then remembered.

The memory is bounded: two generations, of which the younger takes what is new and what the older still knew when it was
needed again. Words of a document are copies, so that forgetting in the middle of one does no harm.
"""

# ruff: noqa: SIM102 - numba: no sets, no generators

from __future__ import annotations

from penstock.text.kernel.code_points import blank_bytes
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled, signed, unsigned
from penstock.text.kernel.hashing import ZERO, mix
from penstock.text.kernel.layout import (
    BLANK_BEFORE,
    CHUNKS_AHEAD,
    MEMO_CHUNKS,
    MEMO_SLOTS,
    MEMO_WORDS,
    SLOT_CELLS,
    WORD_CELLS,
)
from penstock.text.kernel.words import NO_ROOM, describe, split_chunk

MAX_MEMO_BYTES = 96
"""Longer chunks are taken apart each time: they are rare, and a bounded length keeps their hash beyond attack."""
BYTE = 0xFF
HASH, META, REST = 1, 2, 3
"""Cells of a slot, behind its key."""
MORE_BITS = 8
MORE_MASK = (1 << MORE_BITS) - 1


@compiled
def find_words(
    rules: Record, memo: Record, words: Records, count: int, data: Bytes, start: int, stop: int
) -> int:
    """Append the words of a text, their places counted from ``start``; return their number or `NO_ROOM`.

    A few chunks are found, then their slots touched, then they are looked up: the memory's answers, most of which come
    from beyond the caches, are so waited for together and not one after the other.
    """
    at = start
    while at < stop:
        found = 0
        while found < CHUNKS_AHEAD and at < stop:
            at = next_chunk(memo, found, data, start, at, stop)
            found += signed(memo.ahead[found].stop > memo.ahead[found].start)
        touch_slots(memo, found)
        for number in range(found):
            chunk = memo.ahead[number]
            first = count
            count = add_chunk(rules, memo, words, count, data, start, chunk.start, chunk.stop, chunk.key)
            if count == NO_ROOM:
                return NO_ROOM
            words[first].flags |= chunk.blank
    return count


@compiled
def next_chunk(memo: Record, number: int, data: Bytes, first: int, at: int, stop: int) -> int:
    """Find the chunk that begins at ``at`` or behind it, and write it down; return where it ends.

    It is empty when there is nothing but white space.
    """
    blank_from = at
    while at < stop:
        size = blank_bytes(data, at, stop)
        if size == 0:
            break
        at += size
    memo.ahead[number].start = at
    memo.ahead[number].blank = BLANK_BEFORE if is_blank_token(data, blank_from, at, first) else 0
    key, factor = memo.chunk_secret, memo.chunk_factor
    while at < stop:
        byte = data[at]
        if byte <= 32 or byte >= 0xC2:
            if blank_bytes(data, at, stop) > 0:
                break
        key = (key ^ unsigned(byte)) * factor
        at += 1
    memo.ahead[number].stop = at
    memo.ahead[number].key = mix(key)
    return at


@compiled
def touch_slots(memo: Record, count: int) -> None:
    """Load the first slot of each chunk ahead; what is loaded is kept, so that no compiler leaves it out."""
    young, touched = signed(memo.young), ZERO
    for number in range(count):
        slot = signed(memo.ahead[number].key & unsigned(MEMO_SLOTS - 1)) * SLOT_CELLS
        touched ^= memo.slots[young, slot]
    memo.touched = touched


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
    generation, slot = young, slot_of(memo, young, key)
    if memo.slots[young, slot] == ZERO:
        generation = 1 - young
        slot = slot_of(memo, generation, key)
        if memo.slots[generation, slot] == ZERO:
            first = count
            count = take_apart(rules, memo, words, count, data, base, start, stop)
            if count != NO_ROOM:
                learn(memo, words, first, count, key)
            return count
    rest = signed(memo.slots[generation, slot + REST])
    more = rest & MORE_MASK
    if count + more >= len(words):
        return NO_ROOM
    first = count
    meta = signed(memo.slots[generation, slot + META])
    place = recall(words, count, start - base, memo.slots[generation, slot + HASH], meta)
    at = rest >> MORE_BITS
    for cell in range(at, at + more * WORD_CELLS, WORD_CELLS):
        count += 1
        meta = signed(memo.words[generation, cell + 1])
        place = recall(words, count, place, memo.words[generation, cell], meta)
    count += 1
    if generation != young:
        learn(memo, words, first, count, key)
    return count


@compiled
def recall(words: Records, at: int, place: int, word_hash: int, meta: int) -> int:
    """Write a word that was remembered; return where it ends."""
    words[at].hash = word_hash
    words[at].start = place
    words[at].size = meta & BYTE
    words[at].chars = (meta >> 8) & BYTE
    words[at].flags = meta >> 16
    return place + (meta & BYTE)


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
    """Return the first cell of the slot that has the key, or of the free one where it belongs."""
    slot = signed(key & unsigned(MEMO_SLOTS - 1)) * SLOT_CELLS
    while memo.slots[generation, slot] != ZERO and memo.slots[generation, slot] != key:
        slot = (slot + SLOT_CELLS) & (MEMO_SLOTS * SLOT_CELLS - 1)
    return slot


@compiled
def learn(memo: Record, words: Records, first: int, count: int, key: int) -> None:
    """Remember the words of a chunk in the young generation."""
    more = count - first - 1
    young = signed(memo.young)
    if memo.chunks[young] >= MEMO_CHUNKS or memo.filled[young] + more > MEMO_WORDS:
        young = 1 - young
        memo.young = young
        memo.chunks[young] = 0
        memo.filled[young] = 0
        for cell in range(0, MEMO_SLOTS * SLOT_CELLS, SLOT_CELLS):
            memo.slots[young, cell] = ZERO
    slot, cell = slot_of(memo, young, key), signed(memo.filled[young]) * WORD_CELLS
    memo.slots[young, slot] = key
    memo.slots[young, slot + HASH] = words[first].hash
    memo.slots[young, slot + META] = unsigned(meta_of(words, first))
    memo.slots[young, slot + REST] = unsigned(more | cell << MORE_BITS)
    for at in range(first + 1, count):
        memo.words[young, cell] = words[at].hash
        memo.words[young, cell + 1] = unsigned(meta_of(words, at))
        cell += WORD_CELLS
    memo.chunks[young] += 1
    memo.filled[young] += more


@compiled
def meta_of(words: Records, at: int) -> int:
    """Return what is kept of a word besides its hash."""
    flags = signed(words[at].flags) & ~BLANK_BEFORE
    return signed(words[at].size) | signed(words[at].chars) << 8 | flags << 16
