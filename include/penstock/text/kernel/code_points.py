"""UTF-8 to code points, and what is known about a code point: one word of bits, found over two small tables."""

# ruff: noqa: PLR0911, PLR1714 - numba: no sets, no generators

from __future__ import annotations

from penstock.text.kernel.compiled import Bytes, Record, compiled, signed

PAGE_BITS = 8
PAGE_SIZE = 1 << PAGE_BITS
PAGES = 0x110000 >> PAGE_BITS
DISTINCT_PAGES = 400
"""Room for pages that differ; Unicode 14 to 16 need about 250."""

LETTER = 1 << 0  # str.isalpha
SYMBOL = 1 << 1  # datatrove's PUNCTUATION_SET
PUNCT = 1 << 2  # a category of Unicode that begins with P
SENTENCE_END = 1 << 3
TERMINAL = 1 << 4  # ends a line for FineWeb
ALPHA = 1 << 5  # spaCy's letters
ALPHA_LOWER = 1 << 6
ALPHA_UPPER = 1 << 7
QUOTE = 1 << 8
ICON = 1 << 9
PREFIX = 1 << 10
SUFFIX = 1 << 11
BEFORE_STOP = 1 << 12
DECIMAL = 1 << 13  # \d
WORD = 1 << 14  # \w
SPECIAL_LOWER = 1 << 15  # lower case depends on what is around, or order of marks: left to Python

NO_CODE_POINT = -1


@compiled
def char_bytes(data: Bytes, at: int, stop: int) -> int:
    """Return how many bytes the character at ``at`` has, never reaching over ``stop``."""
    lead = data[at]
    size = 1
    if lead >= 0xF0:
        size = 4
    elif lead >= 0xE0:
        size = 3
    elif lead >= 0xC0:
        size = 2
    return min(size, stop - at)


@compiled
def code_point(data: Bytes, at: int, size: int) -> int:
    """Decode the character of ``size`` bytes at ``at``; of bytes that are not UTF-8 some code point below 2**21."""
    lead = signed(data[at])
    if size == 1:
        return lead & 0x7F if lead < 0x80 else 0xFFFD
    if size == 2:
        return (lead & 0x1F) << 6 | (signed(data[at + 1]) & 0x3F)
    if size == 3:
        return (lead & 0x0F) << 12 | (signed(data[at + 1]) & 0x3F) << 6 | (signed(data[at + 2]) & 0x3F)
    point = (
        (lead & 0x07) << 18
        | (signed(data[at + 1]) & 0x3F) << 12
        | (signed(data[at + 2]) & 0x3F) << 6
        | (signed(data[at + 3]) & 0x3F)
    )
    return min(point, 0x10FFFF)


@compiled
def char_start(data: Bytes, start: int, end: int) -> int:
    """Return where the character begins that ends at ``end``; needs ``start < end``."""
    at = end - 1
    while at > start and end - at < 4 and (data[at] & 0xC0) == 0x80:
        at -= 1
    return at


@compiled
def bits_of(rules: Record, point: int) -> int:
    """Return the bits of a code point."""
    return signed(
        rules.bits[(signed(rules.pages[point >> PAGE_BITS]) << PAGE_BITS) + (point & (PAGE_SIZE - 1))]
    )


@compiled
def bits_at(rules: Record, data: Bytes, at: int, stop: int) -> int:
    """Return the bits of the character at ``at``, 0 at ``stop``."""
    if at >= stop:
        return 0
    return bits_of(rules, code_point(data, at, char_bytes(data, at, stop)))


@compiled
def bits_before(rules: Record, data: Bytes, start: int, end: int) -> int:
    """Return the bits of the character that ends at ``end``, 0 at ``start``."""
    if end <= start:
        return 0
    at = char_start(data, start, end)
    return bits_of(rules, code_point(data, at, char_bytes(data, at, end)))


@compiled
def count_chars(data: Bytes, start: int, stop: int) -> int:
    """Count code points."""
    count = 0
    for at in range(start, stop):
        count += (data[at] & 0xC0) != 0x80
    return count


@compiled
def blank_bytes(data: Bytes, at: int, stop: int) -> int:
    """Return how many bytes the white space character (`str.isspace`) at ``at`` has, 0 when it is none."""
    lead = data[at]
    if 0x20 < lead < 0xC2:
        return 0
    if lead < 0x80:
        return signed(lead == 0x20 or 9 <= lead <= 13 or 28 <= lead <= 31)
    if lead == 0xC2:
        return 2 if at + 1 < stop and (data[at + 1] == 0x85 or data[at + 1] == 0xA0) else 0
    if lead < 0xE1 or lead > 0xE3 or at + 2 >= stop:
        return 0
    second, third = data[at + 1], data[at + 2]
    if lead == 0xE1:
        return 3 if second == 0x9A and third == 0x80 else 0
    if lead == 0xE3:
        return 3 if second == 0x80 and third == 0x80 else 0
    if second == 0x80:
        return 3 if third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF else 0
    return 3 if second == 0x81 and third == 0x9F else 0


@compiled
def strip_start(data: Bytes, start: int, stop: int) -> int:
    """Return where the text begins without leading white space."""
    while start < stop:
        size = blank_bytes(data, start, stop)
        if size == 0:
            break
        start += size
    return start


@compiled
def strip_stop(data: Bytes, start: int, stop: int) -> int:
    """Return where the text ends without trailing white space."""
    while stop > start:
        at = char_start(data, start, stop)
        size = blank_bytes(data, at, stop)
        if size == 0 or at + size != stop:
            break
        stop = at
    return stop


@compiled
def line_break_bytes(data: Bytes, at: int, stop: int) -> int:
    r"""Return how many bytes the line boundary of `str.splitlines` at ``at`` has (``\r\n`` is one), 0 when none."""
    lead = data[at]
    if 30 < lead < 0xC2:
        return 0
    if lead < 0x80:
        if lead == 13:
            return 2 if at + 1 < stop and data[at + 1] == 10 else 1
        return signed(10 <= lead <= 12 or 28 <= lead <= 30)
    if lead == 0xC2:
        return 2 if at + 1 < stop and data[at + 1] == 0x85 else 0
    if lead == 0xE2 and at + 2 < stop and data[at + 1] == 0x80:
        return 3 if data[at + 2] == 0xA8 or data[at + 2] == 0xA9 else 0
    return 0
