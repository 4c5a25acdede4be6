"""Hashes: for looking up chunks, for words and what they make together, and XXH64.

The first two depend on secrets that are drawn anew in each process, so that no text can be made to collide on purpose.
A word's hash is a polynomial in a secret odd base: that of two words written together follows from theirs, without
reading them again.
"""

from __future__ import annotations

from penstock.text.kernel.compiled import Bytes, compiled, signed, unsigned

MERSENNE_BITS = unsigned(61)
MERSENNE = unsigned((1 << 61) - 1)
SHIFT_32 = unsigned(32)
SHIFT_29 = unsigned(29)
ONE = unsigned(1)
ZERO = unsigned(0)

FNV_OFFSET = unsigned(0xCBF29CE484222325)
FNV_PRIME = unsigned(0x100000001B3)

XX_1 = unsigned(0x9E3779B185EBCA87)
XX_2 = unsigned(0xC2B2AE3D27D4EB4F)
XX_3 = unsigned(0x165667B19E3779F9)
XX_4 = unsigned(0x85EBCA77C2B2AE63)
XX_5 = unsigned(0x27D4EB2F165667C5)
STRIPE = 32


@compiled
def fnv(data: Bytes, start: int, stop: int) -> int:
    """Return FNV-1a of a few bytes; only for tables whose keys are compared as well."""
    value = FNV_OFFSET
    for at in range(start, stop):
        value = (value ^ unsigned(data[at])) * FNV_PRIME
    return value


@compiled
def mix(value: int) -> int:
    """Spread the bits (the finaliser of MurmurHash3)."""
    value ^= value >> unsigned(33)
    value *= unsigned(0xFF51AFD7ED558CCD)
    value ^= value >> unsigned(33)
    value *= unsigned(0xC4CEB9FE1A85EC53)
    return value ^ (value >> unsigned(33))


@compiled
def polynomial(data: Bytes, start: int, stop: int, base: int) -> int:
    """Return the hash of a word."""
    value = ZERO
    for at in range(start, stop):
        value = value * base + unsigned(data[at]) + ONE
    return value


@compiled
def slot_in(table: Bytes, key: int) -> int:
    """Return where a hash is in a table of hashes, a power of two long and never full; -1 when it is not there."""
    mask = len(table) - 1
    slot = signed(key) & mask
    while table[slot] != ZERO:
        if table[slot] == key:
            return slot
        slot = (slot + 1) & mask
    return -1


@compiled
def power(base: int, exponent: int) -> int:
    """Return ``base ** exponent``."""
    value = ONE
    while exponent > 0:
        if exponent & 1:
            value *= base
        base *= base
        exponent >>= 1
    return value


@compiled
def fill_powers(out: Bytes, base: int) -> None:
    """Write the powers of the base from 0 on."""
    out[0] = ONE
    for exponent in range(1, len(out)):
        out[exponent] = out[exponent - 1] * base


@compiled
def read_64(data: Bytes, at: int) -> int:
    """Read eight bytes, the lowest first; LLVM makes one load of it."""
    return (
        unsigned(data[at])
        | unsigned(data[at + 1]) << unsigned(8)
        | unsigned(data[at + 2]) << unsigned(16)
        | unsigned(data[at + 3]) << unsigned(24)
        | unsigned(data[at + 4]) << unsigned(32)
        | unsigned(data[at + 5]) << unsigned(40)
        | unsigned(data[at + 6]) << unsigned(48)
        | unsigned(data[at + 7]) << unsigned(56)
    )


@compiled
def read_32(data: Bytes, at: int) -> int:
    """Read four bytes, the lowest first."""
    return (
        unsigned(data[at])
        | unsigned(data[at + 1]) << unsigned(8)
        | unsigned(data[at + 2]) << unsigned(16)
        | unsigned(data[at + 3]) << unsigned(24)
    )


@compiled
def rotate(value: int, left: int) -> int:
    """Rotate to the left."""
    return (value << unsigned(left)) | (value >> unsigned(64 - left))


@compiled
def xx_round(value: int, lane: int) -> int:
    """Take eight bytes in."""
    return rotate(value + lane * XX_2, 31) * XX_1


@compiled
def xx_merge(value: int, lane: int) -> int:
    """Take an accumulator in."""
    return (value ^ xx_round(ZERO, lane)) * XX_1 + XX_4


@compiled
def xxh64(data: Bytes, start: int, stop: int, seed: int) -> int:
    """Return XXH64 (the specification of xxHash, Collet)."""
    at = start
    if stop - start >= STRIPE:
        one, two, three, four = seed + XX_1 + XX_2, seed + XX_2, seed + ZERO, seed - XX_1
        while at + STRIPE <= stop:
            one = xx_round(one, read_64(data, at))
            two = xx_round(two, read_64(data, at + 8))
            three = xx_round(three, read_64(data, at + 16))
            four = xx_round(four, read_64(data, at + 24))
            at += STRIPE
        value = rotate(one, 1) + rotate(two, 7) + rotate(three, 12) + rotate(four, 18)
        value = xx_merge(xx_merge(xx_merge(xx_merge(value, one), two), three), four)
    else:
        value = seed + XX_5
    value += unsigned(stop - start)
    while at + 8 <= stop:
        value = rotate(value ^ xx_round(ZERO, read_64(data, at)), 27) * XX_1 + XX_4
        at += 8
    if at + 4 <= stop:
        value = rotate(value ^ (read_32(data, at) * XX_1), 23) * XX_2 + XX_3
        at += 4
    while at < stop:
        value = rotate(value ^ (unsigned(data[at]) * XX_5), 11) * XX_1
        at += 1
    value = (value ^ (value >> unsigned(33))) * XX_2
    value = (value ^ (value >> SHIFT_29)) * XX_3
    return value ^ (value >> SHIFT_32)
