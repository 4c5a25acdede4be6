"""The text normalisation before MinHash: `penstock.text.reference.minhash.simplify`, character by character.

What a character becomes hangs on itself alone, numbers and blanks aside; a text with one of the few for which that is
not so (Σ, whose small letter knows whether the word goes on; marks that change places) is left to Python.
"""

# ruff: noqa: C901, PLR0911, PLR1714, SIM109 - numba: no sets, no generators

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np

from penstock.text.kernel.code_points import PAGE_BITS, PAGE_SIZE, PAGES, char_bytes, code_point
from penstock.text.kernel.compiled import Bytes, Record, cache_folder, compiled, signed
from penstock.text.kernel.tables import kept

SAME, BLANK, DIGIT, MARK, NOTHING, HANGUL, LEFT_TO_PYTHON = 0, -1, -2, -3, -4, -5, -6
"""What a character becomes; a number above zero is where its replacement is in the pool: length, then bytes."""
FIRST_HANGUL, LAST_HANGUL = 0xAC00, 0xD7A3
LEADS, VOWELS, TAILS = 0x1100, 0x1161, 0x11A7
VOWEL_COUNT, TAIL_COUNT = 21, 28
MAX_GROWTH = 3
"""Bytes a byte can become: a Hangul syllable of three bytes is three letters of three bytes."""
DISTINCT_PAGES = 200
POOL_BYTES = 1 << 16

SIMPLE = np.dtype(
    [
        ("pages", np.uint16, PAGES),
        ("becomes", np.int32, DISTINCT_PAGES * PAGE_SIZE),
        ("pool", np.uint8, POOL_BYTES),
    ]
)


def load_simple() -> Record:
    """Return the table, made once."""
    return kept(cache_folder() / f"simple-{unicodedata.unidata_version}.npy", make_simple)[0]


def make_simple() -> np.ndarray[Any, Any]:
    """Build the table from Python's Unicode data."""
    table = np.zeros(1, dtype=SIMPLE)
    pool = bytearray(b"\0")
    seen: dict[tuple[int, ...], int] = {}
    for page in range(PAGES):
        content = tuple(_becomes(point, pool) for point in range(page * PAGE_SIZE, (page + 1) * PAGE_SIZE))
        number = seen.setdefault(content, len(seen))
        table[0]["pages"][page] = number
        table[0]["becomes"][number * PAGE_SIZE : (number + 1) * PAGE_SIZE] = content
    table[0]["pool"][: len(pool)] = np.frombuffer(bytes(pool), dtype=np.uint8)
    return table


def _becomes(point: int, pool: bytearray) -> int:
    from penstock.text.characters import DATATROVE_PUNCTUATION
    from penstock.text.reference.minhash import NUMBER_MARKS

    char = chr(point)
    category = unicodedata.category(char)
    if category in ("Cn", "Cs", "Co"):
        return SAME
    # The full stop and the comma are blanks outside of numbers; they are the marks of one byte.
    if char.isspace() or (point in DATATROVE_PUNCTUATION and char not in NUMBER_MARKS):
        return BLANK
    if category == "Nd":
        return DIGIT
    if char in NUMBER_MARKS:
        return MARK
    if FIRST_HANGUL <= point <= LAST_HANGUL:
        return HANGUL
    low = unicodedata.normalize("NFD", char.lower())
    plain = "".join(c for c in low if unicodedata.category(c) != "Mn")
    if char == "Σ" or any(unicodedata.combining(c) for c in plain):
        return LEFT_TO_PYTHON
    if plain == char:
        return SAME
    if not plain:
        return NOTHING
    pool += bytes((len(plain.encode()),)) + plain.encode()
    return len(pool) - len(plain.encode()) - 1


@compiled
def simplify(table: Record, data: Bytes, start: int, stop: int, out: Bytes) -> int:
    """Write the simplified text into ``out``, which must have `MAX_GROWTH` times the bytes; return its length.

    Blanks at its ends may be left. Returns -1 for a text that is left to Python.
    """
    at, length, after_blank = start, 0, True
    while at < stop:
        size = char_bytes(data, at, stop)
        becomes = table.becomes[data[at]] if size == 1 else what_becomes(table, code_point(data, at, size))
        if becomes == BLANK or (becomes == MARK and size == 1):
            if not after_blank:
                out[length] = 32
                length += 1
            after_blank = True
            at += size
            continue
        after_blank = False
        if becomes == DIGIT:
            out[length] = 48
            length += 1
            at = number_end(table, data, at, stop)
            continue
        if becomes == SAME or becomes == MARK:
            for offset in range(size):
                out[length + offset] = data[at + offset]
            length += size
        elif becomes > 0:
            grown = signed(table.pool[becomes])
            for offset in range(grown):
                out[length + offset] = table.pool[becomes + 1 + offset]
            length += grown
        elif becomes == HANGUL:
            length = put_hangul(out, length, code_point(data, at, size))
        elif becomes == LEFT_TO_PYTHON:
            return -1
        at += size
    return length


@compiled
def what_becomes(table: Record, point: int) -> int:
    """Look a code point up."""
    return signed(
        table.becomes[(signed(table.pages[point >> PAGE_BITS]) << PAGE_BITS) + (point & (PAGE_SIZE - 1))]
    )


@compiled
def number_end(table: Record, data: Bytes, at: int, stop: int) -> int:
    """Return where a number ends: digits, and once a mark with digits after it."""
    at = digits_end(table, data, at, stop)
    if at < stop:
        size = char_bytes(data, at, stop)
        if what_becomes(table, code_point(data, at, size)) == MARK:
            end = digits_end(table, data, at + size, stop)
            if end > at + size:
                return end
    return at


@compiled
def digits_end(table: Record, data: Bytes, at: int, stop: int) -> int:
    """Return where the digits end."""
    while at < stop:
        size = char_bytes(data, at, stop)
        if what_becomes(table, code_point(data, at, size)) != DIGIT:
            break
        at += size
    return at


@compiled
def put_hangul(out: Bytes, length: int, point: int) -> int:
    """Write the letters of a syllable (The Unicode Standard, 3.12)."""
    index = point - FIRST_HANGUL
    length = put_three(out, length, LEADS + index // (VOWEL_COUNT * TAIL_COUNT))
    length = put_three(out, length, VOWELS + index % (VOWEL_COUNT * TAIL_COUNT) // TAIL_COUNT)
    return put_three(out, length, TAILS + index % TAIL_COUNT) if index % TAIL_COUNT else length


@compiled
def put_three(out: Bytes, length: int, point: int) -> int:
    """Write a code point of three bytes."""
    out[length] = 0xE0 | (point >> 12)
    out[length + 1] = 0x80 | (point >> 6 & 0x3F)
    out[length + 2] = 0x80 | (point & 0x3F)
    return length + 3
