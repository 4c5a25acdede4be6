"""Whether a text is an address for spaCy, which keeps it in one piece: its regular expression, without back-tracking.

Between host and path no character can be read two ways, so one look from each place where a host can begin is enough:
the start, after ``scheme://``, after an ``@``. A look ends at the first character that no host has.
"""

# ruff: noqa: PLR1714, SIM110 - numba: no sets, no generators

from __future__ import annotations

from penstock.text.kernel.code_points import (
    ALPHA_LOWER,
    DECIMAL,
    WORD,
    bits_at,
    bits_of,
    char_bytes,
    code_point,
)
from penstock.text.kernel.compiled import Bytes, Record, compiled, signed

MAX_LABEL_CHARS = 64
MAX_TOP_CHARS = 63


@compiled
def is_url(rules: Record, data: Bytes, start: int, stop: int) -> bool:
    """Whether spaCy's pattern matches the whole of the text."""
    if not has_dot(data, start, stop):
        return False
    if host_at(rules, data, start, stop):
        return True
    after_scheme = scheme_end(rules, data, start, stop)
    if after_scheme > start and host_at(rules, data, after_scheme, stop):
        return True
    for at in range(start + 1, stop):
        if data[at] == 64 and host_at(rules, data, at + 1, stop):
            return True
    return False


@compiled
def has_dot(data: Bytes, start: int, stop: int) -> bool:
    """Whether there is a full stop: without one it is no address."""
    for at in range(start, stop):
        if data[at] == 46:
            return True
    return False


@compiled
def scheme_end(rules: Record, data: Bytes, start: int, stop: int) -> int:
    """Return where ``scheme://`` ends (two or more letters, digits and ``+-._``), -1 when there is none."""
    at, chars = start, 0
    while at < stop and data[at] != 58:
        lead = data[at]
        size = char_bytes(data, at, stop)
        if lead != 43 and lead != 45 and lead != 46 and not bits_of(rules, code_point(data, at, size)) & WORD:
            return -1
        at += size
        chars += 1
    if chars < 2 or at + 2 >= stop or data[at + 1] != 47 or data[at + 2] != 47:
        return -1
    return at + 3


@compiled
def host_at(rules: Record, data: Bytes, start: int, stop: int) -> bool:
    """Whether a host, perhaps a port and perhaps a path are all that follows."""
    end, last_dot = start, -1
    while end < stop:
        byte = data[end]
        if byte == 47 or byte == 63 or byte == 35 or byte == 58:  # / ? # :
            break
        if byte < 128 and not (
            48 <= byte <= 57
            or 65 <= byte <= 90
            or 97 <= byte <= 122
            or byte == 45
            or byte == 46
            or byte == 95
        ):
            return False
        if byte == 46:
            last_dot = end
        end += 1
    if last_dot < 0 or not rest_fits(rules, data, end, stop):
        return False
    return is_name(rules, data, start, last_dot, end) or is_public_ip(rules, data, start, end)


@compiled
def rest_fits(rules: Record, data: Bytes, at: int, stop: int) -> bool:
    """Whether nothing, a port of two to five digits, or a path follows the host."""
    if at < stop and data[at] == 58:
        at += 1
        digits = 0
        while at < stop and bits_at(rules, data, at, stop) & DECIMAL:
            at += char_bytes(data, at, stop)
            digits += 1
        if digits < 2 or digits > 5:
            return False
    return at == stop or data[at] == 47 or data[at] == 63 or data[at] == 35


@compiled
def is_name(rules: Record, data: Bytes, start: int, last_dot: int, end: int) -> bool:
    """Whether it is labels of up to 64 characters, and a top-level domain of 2 to 63 small letters."""
    at, chars = last_dot + 1, 0
    while at < end:
        if not bits_at(rules, data, at, end) & ALPHA_LOWER:
            return False
        at += char_bytes(data, at, end)
        chars += 1
    if chars < 2 or chars > MAX_TOP_CHARS:
        return False
    at = start
    while at <= last_dot:
        at = label_end(data, at, last_dot)
        if at < 0:
            return False
        at += 1
    return True


@compiled
def label_end(data: Bytes, at: int, last_dot: int) -> int:
    """Return where the dot after a label is; -1 when it is empty, too long, or begins or ends with ``-`` or ``_``."""
    chars, first, last = 0, True, False
    while at <= last_dot:
        if data[at] == 46:
            return at if last and chars <= MAX_LABEL_CHARS else -1
        size = char_bytes(data, at, last_dot + 1)
        point = code_point(data, at, size)
        is_edge = point != 45 and point != 95
        if point >= 128 and (point < 0xA1 or point > 0xFFFF):
            return -1
        if first and not is_edge:
            return -1
        first, last = False, is_edge
        chars += 1
        at += size
    return -1


@compiled
def is_public_ip(rules: Record, data: Bytes, start: int, end: int) -> bool:
    """Whether it is four numbers in the ranges of the pattern, which leaves out private networks."""
    one = two = -1
    at = start
    for octet in range(4):
        value, chars = 0, 0
        first = signed(data[at]) if at < end else 0
        while at < end and data[at] != 46:
            size = char_bytes(data, at, end)
            if not bits_of(rules, code_point(data, at, size)) & DECIMAL or chars == 3:
                return False
            # A digit of another script counts as nine: the pattern takes it where any digit may stand.
            value = value * 10 + (signed(data[at]) - 48 if size == 1 else 9)
            chars += 1
            at += size
        if not octet_fits(octet, value, chars, first):
            return False
        if octet == 0:
            one = value
        elif octet == 1:
            two = value
        if octet < 3:
            if at >= end or data[at] != 46:
                return False
            at += 1
    return at == end and not is_private(one, two)


@compiled
def octet_fits(octet: int, value: int, chars: int, first: int) -> bool:
    """Whether one of the four numbers is written as the pattern wants it."""
    if chars == 0:
        return False
    if octet == 0 or octet == 3:
        if not 49 <= first <= 57:  # no leading zero
            return False
        return value <= (223 if octet == 0 else 254)
    return chars < 3 or (49 <= first <= 50 and value <= 255)


@compiled
def is_private(one: int, two: int) -> bool:
    """Whether the first two numbers are those of a private or local network."""
    return (
        one == 10
        or one == 127
        or (one == 169 and two == 254)
        or (one == 192 and two == 168)
        or (one == 172 and 16 <= two <= 31)
    )
