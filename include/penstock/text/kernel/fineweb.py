"""FineWeb's rules (Penedo et al. 2024, arXiv:2406.17557, section 3.6) as datatrove 0.10.1 defines them.

`penstock.text.reference.fineweb` is the same in plain Python.
"""

# ruff: noqa: PLR0913, PLR0917 - numba: no sets, no generators

from __future__ import annotations

from penstock.text.kernel.code_points import TERMINAL, bits_before, count_chars
from penstock.text.kernel.codes import (
    CHAR_DUP_MAX,
    EMPTY,
    EXCLUDE_ZERO,
    KEEP,
    LINE_CHAR_DUP,
    LINE_PUNCT,
    LINE_PUNCT_MIN,
    LINES,
    NEW_LINE_MAX,
    NEW_LINES,
    NO_ROOM,
    SHORT_CHARS,
    SHORT_LINES,
    SHORT_MAX,
    STOP_BYTES,
)
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled
from penstock.text.kernel.duplicates import clear, count_byte, is_blank, is_repeated, table_size
from penstock.text.kernel.hashing import polynomial, slot_in
from penstock.text.kernel.quality import first

NEW_LINE = 10


@compiled
def fineweb_lines(
    rules: Record, memo: Record, keys: Bytes, places: Records, stop_chars: Bytes, data: Bytes, start: int, stop: int,
    limits: Bytes, exhaustive: bool, row: Bytes,
) -> int:  # fmt: skip
    """Return the first reason that its lines give: few end with a mark, many are short, many were there before."""
    line_ends(rules, stop_chars, memo.word_base, data, start, stop, limits, row)
    reason = fineweb_reason(row, limits)
    if row[LINES] == 0 or (reason and not exhaustive):
        return reason
    chars = repeated_line_chars(keys, places, memo.part_secret, data, start, stop)
    if chars == NO_ROOM:
        return NO_ROOM
    row[LINE_CHAR_DUP] = chars / (count_chars(data, start, stop) - count_byte(data, start, stop, NEW_LINE))
    return fineweb_reason(row, limits)


@compiled
def fineweb_reason(row: Bytes, limits: Bytes) -> int:
    """Return the first reason that the metrics give; one that is not there (NaN) gives none."""
    if row[LINES] == 0:
        return EMPTY
    few_marks = row[LINE_PUNCT] < limits[LINE_PUNCT_MIN] and not (
        row[LINE_PUNCT] == 0 and limits[EXCLUDE_ZERO] > 0
    )
    reason = first(KEEP, few_marks, LINE_PUNCT + 1)
    reason = first(reason, row[SHORT_LINES] > limits[SHORT_MAX], SHORT_LINES + 1)
    reason = first(reason, row[LINE_CHAR_DUP] > limits[CHAR_DUP_MAX], LINE_CHAR_DUP + 1)
    return first(reason, row[NEW_LINES] > limits[NEW_LINE_MAX], NEW_LINES + 1)


@compiled
def line_ends(
    rules: Record, stop_chars: Bytes, base: int, data: Bytes, start: int, stop: int, limits: Bytes, row: Bytes
) -> None:
    """Which part of the lines ends with a terminal mark, and which is short."""
    lines, marked, short, at = 0, 0, 0, start
    while at <= stop:
        end = line_end(data, at, stop)
        if not is_blank(data, at, end):
            lines += 1
            if limits[STOP_BYTES] > 0:
                marked += ends_with_one_of(stop_chars, base, data, at, end, limits[STOP_BYTES])
            else:
                marked += (bits_before(rules, data, at, end) & TERMINAL) != 0
            short += count_chars(data, at, end) <= limits[SHORT_CHARS]
        at = end + 1
    row[LINES] = lines
    if lines > 0:
        row[LINE_PUNCT], row[SHORT_LINES] = marked / lines, short / lines


@compiled
def ends_with_one_of(table: Bytes, base: int, data: Bytes, start: int, stop: int, longest: float) -> bool:
    """Whether the text ends with one of those whose hashes are in the table; the longest has so many bytes."""
    at = stop - 1
    while at >= start and stop - at <= longest:
        if slot_in(table, polynomial(data, at, stop, base)) >= 0:
            return True
        at -= 1
    return False


@compiled
def line_end(data: Bytes, at: int, stop: int) -> int:
    """Return where the line feed is that ends the line."""
    while at < stop and data[at] != NEW_LINE:
        at += 1
    return at


@compiled
def repeated_line_chars(keys: Bytes, places: Records, secret: int, data: Bytes, start: int, stop: int) -> int:
    """Return the code points of lines that were there before, or `NO_ROOM`."""
    size = table_size(count_byte(data, start, stop, NEW_LINE) + 1)
    if size > len(keys):
        return NO_ROOM
    clear(keys, size)
    chars, at = 0, start
    while at <= stop:
        end = line_end(data, at, stop)
        if not is_blank(data, at, end) and is_repeated(keys, places, size, secret, data, start, at, end):
            chars += count_chars(data, at, end)
        at = end + 1
    return chars


@compiled
def list_ratio(data: Bytes, start: int, stop: int, words: int, limits: Bytes, row: Bytes) -> int:
    """Drop a text with many line feeds for its words."""
    row[NEW_LINES] = count_byte(data, start, stop, NEW_LINE) / words
    return fineweb_reason(row, limits)
