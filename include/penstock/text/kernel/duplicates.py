"""Which parts of a text were there before: paragraphs and lines, found by hash and compared byte by byte."""

from __future__ import annotations

from penstock.text.kernel.code_points import count_chars, strip_start
from penstock.text.kernel.compiled import Bytes, Records, compiled, signed, unsigned
from penstock.text.kernel.hashing import ONE, ZERO, xxh64

NEW_LINE = 10


@compiled
def table_size(entries: int) -> int:
    """Return a power of two of which the entries fill a half at most."""
    size = 16
    while size < 2 * entries:
        size *= 2
    return size


@compiled
def clear(keys: Bytes, size: int) -> None:
    """Free the slots."""
    for slot in range(size):
        keys[slot] = ZERO


@compiled
def count_byte(data: Bytes, start: int, stop: int, byte: int) -> int:
    """Count a byte."""
    count = 0
    for at in range(start, stop):
        count += data[at] == byte
    return count


@compiled
def is_repeated(
    keys: Bytes, places: Records, size: int, secret: int, data: Bytes, base: int, start: int, stop: int
) -> bool:
    """Whether these bytes were asked for before; from now on they were."""
    key = xxh64(data, start, stop, secret) | ONE
    slot = signed(key >> unsigned(7)) & (size - 1)
    while keys[slot] != ZERO:
        if keys[slot] == key and places[slot].size == stop - start:
            other = base + signed(places[slot].start)
            same = True
            for offset in range(stop - start):
                if data[other + offset] != data[start + offset]:
                    same = False
                    break
            if same:
                return True
        slot = (slot + 1) & (size - 1)
    keys[slot] = key
    places[slot].start = start - base
    places[slot].size = stop - start
    return False


@compiled
def part_end(data: Bytes, at: int, stop: int, least: int) -> int:
    """Return where the next ``least`` line feeds or more in a row begin."""
    while at < stop:
        if data[at] == NEW_LINE:
            end = breaks_end(data, at, stop)
            if end - at >= least:
                return at
            at = end
        else:
            at += 1
    return stop


@compiled
def breaks_end(data: Bytes, at: int, stop: int) -> int:
    """Return where the line feeds end."""
    while at < stop and data[at] == NEW_LINE:
        at += 1
    return at


@compiled
def count_parts(
    keys: Bytes, places: Records, secret: int, data: Bytes, start: int, stop: int, least: int, found: Bytes
) -> bool:
    r"""Split at ``\n{least,}``; write the parts, the repeated ones and their code points into ``found``.

    Returns whether the table has room.
    """
    size = table_size(count_byte(data, start, stop, NEW_LINE) // least + 2)
    if size > len(keys):
        return False
    clear(keys, size)
    parts, repeated, chars, at = 0, 0, 0, start
    while True:
        end = part_end(data, at, stop, least)
        parts += 1
        if is_repeated(keys, places, size, secret, data, start, at, end):
            repeated += 1
            chars += count_chars(data, at, end)
        if end >= stop:
            break
        at = breaks_end(data, end, stop)
    found[0], found[1], found[2] = parts, repeated, chars
    return True


@compiled
def is_blank(data: Bytes, start: int, stop: int) -> bool:
    """Whether there is nothing but white space."""
    return strip_start(data, start, stop) >= stop
