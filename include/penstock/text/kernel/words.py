"""Take apart one chunk that has no white space in it, as spaCy's English tokeniser does.

`penstock.text.reference.words` says the same with regular expressions; names and order are the same here. Words are
written behind those that are there, suffixes for the time being at the end of the array.
"""

# ruff: noqa: C901, PLR0911, PLR1714, SIM102 - numba: no sets, no generators

from __future__ import annotations

from penstock.text.kernel.code_points import (
    ALPHA,
    ALPHA_LOWER,
    ALPHA_UPPER,
    BEFORE_STOP,
    ICON,
    LETTER,
    PREFIX,
    PUNCT,
    QUOTE,
    SENTENCE_END,
    SUFFIX,
    SYMBOL,
    bits_at,
    bits_before,
    bits_of,
    char_bytes,
    char_start,
    code_point,
)
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled, signed, unsigned
from penstock.text.kernel.hashing import ONE, ZERO, fnv, polynomial
from penstock.text.kernel.layout import (
    ENDS_SENTENCE,
    HAS_LETTER,
    IS_PUNCT,
    IS_SYMBOL,
    SPECIAL_BYTES,
    SPECIAL_SLOTS,
    TAIL_BYTES,
    TAIL_SLOTS,
)
from penstock.text.kernel.urls import is_url

NO_ROOM = -1
ELLIPSIS = 0x2026
DASH = 0x2014
EN_DASH = 0x2013
DEGREE = 0xB0
CURLY = 0x2019


@compiled
def is_digit(byte: int) -> bool:
    """Whether it is one of 0 to 9."""
    return 48 <= byte <= 57


@compiled
def special_of(rules: Record, data: Bytes, start: int, stop: int, key: int) -> int:
    """Return the number of the special case with these bytes, whose FNV-1a is ``key``; -1 when there is none."""
    slot = signed(key & unsigned(SPECIAL_SLOTS - 1))
    while rules.special_slots[slot] > 0:
        found = signed(rules.special_slots[slot]) - 1
        if rules.special_size[found] == stop - start:
            same = True
            for at in range(stop - start):
                if rules.special_bytes[found, at] != data[start + at]:
                    same = False
                    break
            if same:
                return found
        slot = (slot + 1) & (SPECIAL_SLOTS - 1)
    return -1


@compiled
def find_special(rules: Record, data: Bytes, start: int, stop: int) -> int:
    """Return the number of the special case that a text is, -1 when it is none."""
    if stop <= start or stop - start > SPECIAL_BYTES:
        return -1
    return special_of(rules, data, start, stop, fnv(data, start, stop))


@compiled
def dots_from(data: Bytes, at: int, stop: int) -> int:
    """Count the full stops from here on."""
    end = at
    while end < stop and data[end] == 46:
        end += 1
    return end - at


@compiled
def prefix_bytes(rules: Record, data: Bytes, start: int, stop: int) -> int:
    """Return the bytes that are split off at the beginning."""
    if start >= stop:
        return 0
    lead = data[start]
    following = signed(data[start + 1]) if start + 1 < stop else 0
    if lead == 46:  # .
        dots = dots_from(data, start, stop)
        return dots if dots > 1 else 0
    if lead == 43:  # +
        return 0 if is_digit(following) else 1
    if (lead == 65 or lead == 67) and following == 36:  # A$, C$
        return 2
    if lead == 85 and following == 83 and start + 2 < stop and data[start + 2] == 36:  # US$
        return 3
    size = char_bytes(data, start, stop)
    return size if bits_of(rules, code_point(data, start, size)) & PREFIX else 0


@compiled
def suffix_bytes(rules: Record, data: Bytes, start: int, stop: int) -> int:
    """Return the bytes that are split off at the end: the longest of what fits there."""
    if start >= stop:
        return 0
    last = char_start(data, start, stop)
    point = code_point(data, last, char_bytes(data, last, stop))
    best = 0
    if bits_of(rules, point) & SUFFIX:
        best = stop - last
        if point == ELLIPSIS and ends_with_point(data, start, last, ELLIPSIS):
            best = 2 * best
    elif point == 46:
        return full_stop_bytes(rules, data, start, stop)
    elif point == 115 or point == 83:  # s, S
        if last > start and data[last - 1] == 39:
            best = 2
        elif ends_with_point(data, start, last, CURLY):
            best = 4
    return max(best, tail_bytes(rules, data, start, stop))


@compiled
def ends_with_point(data: Bytes, start: int, stop: int, point: int) -> bool:
    """Whether the last character is this one."""
    if stop <= start:
        return False
    at = char_start(data, start, stop)
    return code_point(data, at, char_bytes(data, at, stop)) == point


@compiled
def full_stop_bytes(rules: Record, data: Bytes, start: int, stop: int) -> int:
    """Return the bytes of the suffix that full stops at the end make."""
    first = stop
    while first > start and data[first - 1] == 46:
        first -= 1
    if stop - first > 1:
        return stop - first
    before = bits_before(rules, data, start, first)
    if before & BEFORE_STOP:
        return 1
    if first <= start:
        return 0
    previous = char_start(data, start, first)
    if before & ALPHA_UPPER and bits_before(rules, data, start, previous) & ALPHA_UPPER:
        return 1
    letter = data[previous] | 0x20
    is_degree = letter == 99 or letter == 102 or letter == 107  # c, f, k
    return signed(is_degree and ends_with_point(data, start, previous, DEGREE))


@compiled
def tail_bytes(rules: Record, data: Bytes, start: int, stop: int) -> int:
    """Return the bytes of the unit, currency or plus that stands at the end, right after a digit."""
    at = stop
    while at > start and stop - at <= TAIL_BYTES and not is_digit(data[at - 1]):
        at -= 1
    size = stop - at
    if at <= start or size == 0 or size > TAIL_BYTES:
        return 0
    slot = signed(fnv(data, at, stop) & unsigned(TAIL_SLOTS - 1))
    while rules.tail_slots[slot] > 0:
        found = signed(rules.tail_slots[slot]) - 1
        if rules.tail_size[found] == size:
            same = True
            for offset in range(size):
                if rules.tail_bytes[found, offset] != data[at + offset]:
                    same = False
                    break
            if same:
                return size
        slot = (slot + 1) & (TAIL_SLOTS - 1)
    return 0


@compiled
def infix_bytes(rules: Record, data: Bytes, start: int, at: int, stop: int) -> int:
    """Return the bytes of the infix that begins at ``at``, 0 when none does."""
    lead = data[at]
    if lead == 46:
        dots = dots_from(data, at, stop)
        if dots > 1:
            return dots
        before = bits_before(rules, data, start, at) & (ALPHA_LOWER | QUOTE)
        return signed(before != 0 and bits_at(rules, data, at + 1, stop) & (ALPHA_UPPER | QUOTE) != 0)
    size = char_bytes(data, at, stop)
    point = code_point(data, at, size)
    if point == ELLIPSIS or bits_of(rules, point) & ICON:
        return size
    if lead < 128 and not (42 <= lead <= 47 or 58 <= lead <= 62 or lead == 94 or lead == 126):
        return 0
    if lead >= 128 and point != DASH and point != EN_DASH:
        return 0
    after_digit = at > start and is_digit(data[at - 1])
    if after_digit and at + 1 < stop and (lead == 43 or lead == 45 or lead == 42 or lead == 94):
        if is_digit(data[at + 1]) or data[at + 1] == 45:
            return 1
    after_letter = bits_before(rules, data, start, at) & ALPHA != 0
    if not after_letter and (not after_digit or lead == 44):
        return 0
    if lead == 44 or lead == 47 or lead == 58 or 60 <= lead <= 62 or lead == 126 or point == EN_DASH:
        return size if bits_at(rules, data, at + size, stop) & ALPHA else 0
    if lead == 45:
        return repeated_bytes(rules, data, at, stop, 1, 3)
    if point == DASH:
        return repeated_bytes(rules, data, at, stop, 3, 2)
    return 0


@compiled
def repeated_bytes(rules: Record, data: Bytes, at: int, stop: int, size: int, most: int) -> int:
    """Return the bytes of a hyphen, repeated up to ``most`` times, when a letter follows."""
    for times in range(1, most + 1):
        end = at + times * size
        if bits_at(rules, data, end, stop) & ALPHA:
            return times * size
        for offset in range(size):
            if end + offset >= stop or data[end + offset] != data[at + offset]:
                return 0
    return 0


@compiled
def put(words: Records, at: int, start: int, stop: int) -> None:
    """Write where a word is; what it is like comes later."""
    words[at].start = start
    words[at].size = stop - start


@compiled
def split_chunk(
    rules: Record, words: Records, count: int, data: Bytes, base: int, start: int, stop: int
) -> int:
    """Append the words of a chunk, their places counted from ``base`` on; return their new number or `NO_ROOM`."""
    first, top, room = count, len(words), len(words)
    last_size = 0
    while start < stop and stop - start != last_size:
        if count + 2 > top - 2:
            return NO_ROOM
        if find_special(rules, data, start, stop) >= 0:
            break
        last_size = stop - start
        before = prefix_bytes(rules, data, start, stop)
        if before > 0 and find_special(rules, data, start + before, stop) >= 0:
            put(words, count, start - base, start + before - base)
            count += 1
            start += before
            break
        after = suffix_bytes(rules, data, start + before, stop)
        if after > 0 and find_special(rules, data, start, stop - after) >= 0:
            top -= 1
            put(words, top, stop - after - base, stop - base)
            stop -= after
            break
        if before > 0:
            put(words, count, start - base, start + before - base)
            count += 1
            start += before
        if after > 0:
            top -= 1
            put(words, top, stop - after - base, stop - base)
            stop -= after
    count = split_middle(rules, words, count, top, data, base, start, stop)
    if count == NO_ROOM:
        return NO_ROOM
    for at in range(top, room):
        words[count].start = words[at].start
        words[count].size = words[at].size
        count += 1
    return rejoin(rules, words, first, count, data, base)


@compiled
def split_middle(
    rules: Record, words: Records, count: int, top: int, data: Bytes, base: int, start: int, stop: int
) -> int:
    """Append what is left between the affixes: a special case, an address, or parts between infixes."""
    if start >= stop:
        return count
    if count + 4 > top:
        return NO_ROOM
    special = find_special(rules, data, start, stop)
    if special >= 0:
        return put_pieces(rules, words, count, special, start - base)
    if is_url(rules, data, start, stop):
        put(words, count, start - base, stop - base)
        return count + 1
    at, part = start, start
    while at < stop:
        size = infix_bytes(rules, data, start, at, stop)
        if size == 0:
            at += char_bytes(data, at, stop)
            continue
        if at > start:
            if count + 3 > top:
                return NO_ROOM
            if at > part:
                put(words, count, part - base, at - base)
                count += 1
            put(words, count, at - base, at + size - base)
            count += 1
            part = at + size
        at += size
    if part < stop:
        put(words, count, part - base, stop - base)
        count += 1
    return count


@compiled
def put_pieces(rules: Record, words: Records, count: int, special: int, start: int) -> int:
    """Append the tokens of a special case."""
    for piece in range(rules.piece_count[special]):
        size = rules.pieces[special, piece]
        put(words, count, start, start + size)
        count += 1
        start += size
    return count


@compiled
def pattern_at(rules: Record, words: Records, first: int, length: int, data: Bytes, base: int) -> int:
    """Return the special case that ``length`` words from ``first`` on spell, cut as its pattern is; or -1."""
    start = signed(words[first].start)
    size = signed(words[first + length - 1].start) + signed(words[first + length - 1].size) - start
    if size > SPECIAL_BYTES or not rules.pattern_first[data[base + start]]:
        return -1
    found = find_special(rules, data, base + start, base + start + size)
    if found < 0:
        return -1
    cuts = ZERO
    for at in range(first, first + length):
        cuts |= ONE << unsigned(signed(words[at].start) - start)
    return found if rules.pattern[found] == cuts else -1


@compiled
def rejoin(rules: Record, words: Records, first: int, count: int, data: Bytes, base: int) -> int:
    """Replace runs of tokens that spell a special case: the longest first, then the leftmost."""
    found_any = False
    for at in range(first, count):
        words[
            at
        ].flags = 0  # 1: seen in a run; 2 and more: the run that begins here is chosen, times its length
    for length in range(min(signed(rules.longest_pattern), count - first), 0, -1):
        for at in range(first, count - length + 1):
            if not rules.pattern_first[data[base + signed(words[at].start)]]:
                continue
            special = pattern_at(rules, words, at, length, data, base)
            if special < 0:
                continue
            if words[at].flags == 0 and words[at + length - 1].flags == 0:
                words[at].flags = 2 * length
                words[at].chars = special
                found_any = True
            for inside in range(at, at + length):
                words[inside].flags |= 1
    return replace_runs(rules, words, first, count) if found_any else count


@compiled
def replace_runs(rules: Record, words: Records, first: int, count: int) -> int:
    """Write the words again, with the tokens of the special cases in place of the chosen runs."""
    room = len(words)
    moved = room - (count - first)
    if moved < count:
        return NO_ROOM
    for at in range(count - first):
        words[moved + at] = words[first + at]
    at, count = moved, first
    while at < room:
        length = signed(words[at].flags) >> 1
        if count + 3 > at:
            return NO_ROOM
        if length > 0:
            count = put_pieces(rules, words, count, signed(words[at].chars), signed(words[at].start))
            at += length
        else:
            put(words, count, signed(words[at].start), signed(words[at].start) + signed(words[at].size))
            count += 1
            at += 1
    return count


@compiled
def describe(rules: Record, words: Records, at: int, data: Bytes, base: int, hash_base: int) -> None:
    """Find out what a word is like: its hash, code points and flags."""
    start = base + signed(words[at].start)
    stop = start + signed(words[at].size)
    every, some, chars, position = SYMBOL | PUNCT, 0, 0, start
    while position < stop:
        size = char_bytes(data, position, stop)
        bits = bits_of(rules, code_point(data, position, size))
        every &= bits
        some |= bits
        chars += 1
        position += size
    flags = HAS_LETTER if some & LETTER else 0
    flags |= IS_SYMBOL if every & SYMBOL else 0
    flags |= IS_PUNCT if every & PUNCT else 0
    flags |= ENDS_SENTENCE if chars == 1 and some & SENTENCE_END else 0
    words[at].hash = polynomial(data, start, stop, hash_base)
    words[at].chars = chars
    words[at].flags = flags
