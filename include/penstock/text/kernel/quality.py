"""Gopher's quality rules (Rae et al. 2021, arXiv:2112.11446, appendix A.1.1) as datatrove 0.10.1 defines them.

`penstock.text.reference.quality` is the same in plain Python.
"""

from __future__ import annotations

import numpy as np

from penstock.text.kernel.code_points import line_break_bytes, strip_start, strip_stop
from penstock.text.kernel.codes import (
    BULLET_LINES,
    ELLIPSES,
    ELLIPSIS_LINES,
    HASHES,
    HIGH_MEAN,
    KEEP,
    LETTER_WORDS,
    LONG_DOC,
    LOW_MEAN,
    MAX_BULLETS,
    MAX_ELLIPSES,
    MAX_MEAN,
    MAX_SYMBOLS,
    MAX_WORDS,
    MEAN_WORD_LENGTH,
    MIN_LETTERS,
    MIN_MEAN,
    MIN_STOP_WORDS,
    MIN_WORDS,
    SHORT_DOC,
    STOP_WORDS,
    WORD_COUNT,
)
from penstock.text.kernel.compiled import Bytes, Records, compiled, compiled_with_memory, signed
from penstock.text.kernel.hashing import slot_in
from penstock.text.kernel.layout import HAS_LETTER, IS_SYMBOL

NUMBER_SIGN, FULL_STOP, HYPHEN = 35, 46, 45


@compiled_with_memory
def quality(
    words: Records, count: int, data: Bytes, start: int, stop: int, stop_words: Bytes, limits: Bytes,
    exhaustive: bool, row: Bytes,
) -> int:  # fmt: skip
    """Return the first reason for which a text fails, in datatrove's order."""
    word_lengths(words, count, row)
    if not exhaustive and quality_reason(row, limits):
        return quality_reason(row, limits)
    count_symbols(data, start, stop, count, row)
    if not exhaustive and quality_reason(row, limits):
        return quality_reason(row, limits)
    count_lines(data, start, stop, row)
    if not exhaustive and quality_reason(row, limits):
        return quality_reason(row, limits)
    with_letter = 0
    for at in range(count):
        with_letter += (words[at].flags & HAS_LETTER) != 0
    row[LETTER_WORDS] = with_letter / count if count else np.nan
    if not exhaustive and quality_reason(row, limits):
        return quality_reason(row, limits)
    row[STOP_WORDS] = count_stop_words(words, count, stop_words)
    return quality_reason(row, limits)


@compiled
def quality_reason(row: Bytes, limits: Bytes) -> int:
    """Return the first reason that the metrics give, in datatrove's order; one that is not there (NaN) gives none."""
    reason = first(KEEP, row[WORD_COUNT] < limits[MIN_WORDS], SHORT_DOC)
    reason = first(reason, row[WORD_COUNT] > limits[MAX_WORDS], LONG_DOC)
    reason = first(reason, row[MEAN_WORD_LENGTH] < limits[MIN_MEAN], LOW_MEAN)
    reason = first(reason, row[MEAN_WORD_LENGTH] > limits[MAX_MEAN], HIGH_MEAN)
    reason = first(reason, row[HASHES] > limits[MAX_SYMBOLS], HASHES + 1)
    reason = first(reason, row[ELLIPSES] > limits[MAX_SYMBOLS], ELLIPSES + 1)
    reason = first(reason, row[BULLET_LINES] > limits[MAX_BULLETS], BULLET_LINES + 1)
    reason = first(reason, row[ELLIPSIS_LINES] > limits[MAX_ELLIPSES], ELLIPSIS_LINES + 1)
    reason = first(reason, row[LETTER_WORDS] < limits[MIN_LETTERS], LETTER_WORDS + 1)
    return first(reason, row[STOP_WORDS] < limits[MIN_STOP_WORDS], STOP_WORDS + 1)


@compiled
def first(reason: int, fails: bool, other: int) -> int:
    """Return the reason so far, else the other one when it applies."""
    return other if reason == KEEP and fails else reason


@compiled
def word_lengths(words: Records, count: int, row: Bytes) -> None:
    """Count the words that are not punctuation alone, and take their mean length."""
    number, chars = 0, 0
    for at in range(count):
        if not words[at].flags & IS_SYMBOL:
            number += 1
            chars += signed(words[at].chars)
    row[WORD_COUNT] = number
    row[MEAN_WORD_LENGTH] = chars / number if number else np.nan


@compiled
def count_symbols(data: Bytes, start: int, stop: int, count: int, row: Bytes) -> None:
    """Count number signs and ellipses, a word each."""
    signs, ellipses, dots = 0, 0, 0
    for at in range(start, stop):
        byte = data[at]
        signs += byte == NUMBER_SIGN
        if byte == FULL_STOP:
            dots += 1
            if dots == 3:
                ellipses += 1
                dots = 0
        else:
            dots = 0
            if byte == 0xE2 and is_ellipsis(data, at, stop):
                ellipses += 1
    row[HASHES] = signs / count if count else np.nan
    row[ELLIPSES] = ellipses / count if count else np.nan


@compiled
def is_ellipsis(data: Bytes, at: int, stop: int) -> bool:
    """Whether the character U+2026 begins here."""
    return at + 2 < stop and data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] == 0xA6


@compiled
def count_lines(data: Bytes, start: int, stop: int, row: Bytes) -> None:
    """Which part of the lines begins with a bullet or a hyphen, and which ends with an ellipsis."""
    lines, bullets, ellipses, at = 0, 0, 0, start
    while at < stop:
        end = at
        width = 0
        while end < stop:
            width = line_break_bytes(data, end, stop)
            if width > 0:
                break
            end += 1
        lines += 1
        bullets += begins_with_bullet(data, strip_start(data, at, end), end)
        ellipses += ends_with_ellipsis(data, at, strip_stop(data, at, end))
        at = end + width
    row[BULLET_LINES] = bullets / lines if lines else np.nan
    row[ELLIPSIS_LINES] = ellipses / lines if lines else np.nan


@compiled
def begins_with_bullet(data: Bytes, at: int, stop: int) -> bool:
    """Whether it begins with U+2022 or a hyphen."""
    if at >= stop:
        return False
    if data[at] == HYPHEN:
        return True
    return at + 2 < stop and data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] == 0xA2


@compiled
def ends_with_ellipsis(data: Bytes, start: int, stop: int) -> bool:
    """Whether three full stops or U+2026 end it."""
    if stop - start < 3:
        return False
    three = data[stop - 1] == FULL_STOP and data[stop - 2] == FULL_STOP and data[stop - 3] == FULL_STOP
    return three or is_ellipsis(data, stop - 3, stop)


@compiled_with_memory
def count_stop_words(words: Records, count: int, stop_words: Bytes) -> int:
    """Count the different stop words that are there; ``stop_words`` is a table of their hashes, a power of two long."""
    seen = np.zeros(len(stop_words), dtype=np.bool_)
    found = 0
    for at in range(count):
        slot = slot_in(stop_words, words[at].hash)
        if slot >= 0:
            found += not seen[slot]
            seen[slot] = True
    return found
