"""C4's rules (Raffel et al. 2020, arXiv:1910.10683, section 2.2; mC4's paragraphs) as datatrove 0.10.1 defines them.

`penstock.text.reference.c4` is the same in plain Python.
"""

# ruff: noqa: C901, PLR0912, PLR0913, PLR0917, PLR1714 - numba: no sets, no generators

from __future__ import annotations

import numpy as np

from penstock.text import c4_phrases
from penstock.text.kernel.code_points import (
    DECIMAL,
    bits_of,
    blank_bytes,
    char_bytes,
    code_point,
    count_chars,
    line_break_bytes,
    strip_start,
    strip_stop,
)
from penstock.text.kernel.codes import (
    BY_SENTENCE,
    CURLY_BRACKET,
    KEEP,
    LONG_LINES,
    LOREM_IPSUM,
    MAX_WORD_CHARS,
    MIN_LINE_WORDS,
    MIN_PARAGRAPH_CHARS,
    MIN_PARAGRAPHS,
    MIN_SENTENCES,
    NO_CURLY,
    NO_JAVASCRIPT,
    NO_LOREM,
    NO_POLICY,
    NO_ROOM,
    NO_TERMINAL_PUNCT,
    NO_TEXT_ROOM,
    REMOVE_CITATIONS,
    SENTENCES,
)
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled
from penstock.text.kernel.sentences import count_sentences, next_sentence
from penstock.text.kernel.vocabulary import find_words

LOREM, JAVASCRIPT, POLICY, CURLY = 1, 2, 4, 8
_CITATIONS = ("[edit]", "[citation needed]")
PHRASE_BYTES = 20
FIRST_ALIKE = 5


def _rows(phrases: tuple[str, ...]) -> Bytes:
    rows = np.zeros((len(phrases), PHRASE_BYTES), dtype=np.uint8)
    for row, phrase in zip(rows, phrases, strict=True):
        row[: len(phrase)] = np.frombuffer(phrase.encode(), dtype=np.uint8)
    return rows


PHRASES, CITATIONS = _rows((c4_phrases.LOREM, c4_phrases.JAVASCRIPT, *c4_phrases.POLICY)), _rows(_CITATIONS)


@compiled
def c4(
    rules: Record, memo: Record, words: Records, count: int, data: Bytes, start: int, stop: int, limits: Bytes,
    exhaustive: bool, row: Bytes, out: Bytes, out_start: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Write the lines that stay into ``out``; return the reason to leave, where the lines end, and their words.

    The number of words is -1 where no sentences were counted. With `BY_SENTENCE` a line is a sentence. The first
    ``count`` words are those of the text, none when it is below 0; what follows them is scratch.
    """
    sentences, total, kept, end, at, reason = 0, 0, 0, out_start, start, KEEP
    by_sentence, word = limits[BY_SENTENCE] > 0, 0
    if by_sentence and count < 0:
        count = find_words(rules, memo, words, 0, data, start, stop)
        if count == NO_ROOM:
            return NO_ROOM, end, -1
    first = max(count, 0)
    counts_words = limits[MIN_SENTENCES] >= 0 and not by_sentence
    row[LOREM_IPSUM], row[CURLY_BRACKET] = 0, 0
    while at < stop or (by_sentence and word <= first):
        line_start, line_stop, at, word = next_line(words, word, first, data, at, start, stop, by_sentence)
        if end + line_stop - line_start + 1 > len(out):
            return NO_TEXT_ROOM, end, -1
        number, longest = count_chunks(data, line_start, line_stop, limits[MAX_WORD_CHARS])
        if limits[MAX_WORD_CHARS] >= 0 and longest > limits[MAX_WORD_CHARS]:
            continue
        line = end + (kept > 0)  # a line feed, or a blank, between them
        new_end = copy_line(rules, data, line_start, line_stop, out, line, limits[REMOVE_CITATIONS] > 0)
        if limits[NO_TERMINAL_PUNCT] > 0 and not ends_well(out, line, new_end):
            continue
        if number < limits[MIN_LINE_WORDS]:
            continue
        seen = find_phrases(out, line, new_end)
        row[LOREM_IPSUM] += (seen & LOREM) != 0
        if seen & LOREM and limits[NO_LOREM] > 0:
            reason = LOREM_IPSUM + 1 if reason == KEEP else reason
        if reason and not exhaustive:
            return reason, end, -1
        if seen & JAVASCRIPT and limits[NO_JAVASCRIPT] > 0:
            continue
        row[CURLY_BRACKET] += (seen & CURLY) != 0
        if seen & CURLY and limits[NO_CURLY] > 0:
            reason = CURLY_BRACKET + 1 if reason == KEEP else reason
        if reason and not exhaustive:
            return reason, end, -1
        if seen & POLICY and limits[NO_POLICY] > 0:
            continue
        if by_sentence:
            sentences += limits[MIN_SENTENCES] >= 0
        elif counts_words:
            more, spoken = count_sentences(rules, memo, words, first, out, line, new_end)
            if more == NO_ROOM:
                return NO_ROOM, end, -1
            sentences += more
            total += spoken
        if kept > 0:
            out[end] = 32 if by_sentence else 10
        end = new_end
        kept += 1
    row[SENTENCES] = sentences
    if reason == KEEP and sentences < limits[MIN_SENTENCES]:
        reason = SENTENCES + 1
    return reason, end, total if counts_words else -1


@compiled
def next_line(
    words: Records, word: int, count: int, data: Bytes, at: int, start: int, stop: int, by_sentence: bool
) -> tuple[int, int, int, int]:
    """Return the line at ``at``, or the sentence of the word, stripped (start, stop), and where the next begins."""
    width = 0
    if by_sentence:
        end, word = next_sentence(words, word, count, data, start, stop)
    else:
        end, width = next_break(data, at, stop)
    line = strip_start(data, at, end)
    return line, strip_stop(data, line, end), end + width, word


@compiled
def next_break(data: Bytes, at: int, stop: int) -> tuple[int, int]:
    """Return where the next line boundary is, and its bytes."""
    while at < stop:
        width = line_break_bytes(data, at, stop)
        if width > 0:
            return at, width
        at += 1
    return stop, 0


@compiled
def count_chunks(data: Bytes, start: int, stop: int, limit: float) -> tuple[int, int]:
    """Return the number of chunks between white space, and the code points of the longest that is over the limit."""
    number, longest, at, chunk = 0, 0, start, start
    while at < stop:
        size = blank_bytes(data, at, stop)
        if size == 0:
            at += 1
            continue
        number += at > chunk
        if at - chunk > limit:
            longest = max(longest, count_chars(data, chunk, at))
        at += size
        chunk = at
    number += stop > chunk
    if stop - chunk > limit:
        longest = max(longest, count_chars(data, chunk, stop))
    return number, longest


@compiled
def copy_line(
    rules: Record, data: Bytes, start: int, stop: int, out: Bytes, end: int, without_citations: bool
) -> int:
    """Copy a line, without ``[12]``, ``[edit]`` and ``[citation needed]`` on request; return where it ends."""
    at = start
    while at < stop:
        if without_citations and data[at] == 91:
            after = citation_end(rules, data, at, stop)
            if after > at:
                at = after
                continue
        out[end] = data[at]
        end += 1
        at += 1
    return end


@compiled
def citation_end(rules: Record, data: Bytes, start: int, stop: int) -> int:
    """Return where the citation that begins here ends, or its start when it is none."""
    at = start + 1
    while at < stop:
        size = char_bytes(data, at, stop)
        if data[at] == 93:
            return at + 1
        if not bits_of(rules, code_point(data, at, size)) & DECIMAL:
            break
        at += size
    for phrase in range(len(CITATIONS)):
        end = phrase_end(data, start, stop, CITATIONS, phrase, False)
        if end > start:
            return end
    return start


@compiled
def ends_well(out: Bytes, start: int, end: int) -> bool:
    """Whether the line ends with ``.?!"'``, but not with three full stops."""
    if end <= start:
        return False
    last = out[end - 1]
    if last == 46:
        return not (end - start >= 3 and out[end - 2] == 46 and out[end - 3] == 46)
    return bool(last == 63 or last == 33 or last == 34 or last == 39)


@compiled
def find_phrases(data: Bytes, start: int, stop: int) -> int:
    """Return which of the phrases are in a line, in whatever case, and whether a curly bracket is."""
    seen = 0
    for at in range(start, stop):
        byte = data[at]
        if byte == 123:
            seen |= CURLY
        number = phrase_of(byte | 0x20, data[at + 1] | 0x20) if at + 1 < stop else -1
        if number < 0:
            continue
        # The last three phrases begin alike.
        for phrase in range(number, len(PHRASES) if number == FIRST_ALIKE else number + 1):
            if phrase_end(data, at, stop, PHRASES, phrase, True) > at:
                seen |= LOREM if phrase == 0 else (JAVASCRIPT if phrase == 1 else POLICY)
    return seen


@compiled
def phrase_of(first: int, second: int) -> int:
    """Return the first phrase that begins with these two letters, -1 when none does."""
    if second == 111:  # o
        return 0 if first == 108 else (4 if first == 99 else -1)
    if second == 97:  # a
        return 1 if first == 106 else -1
    if second == 101:  # e
        return 2 if first == 116 else -1
    if second == 114:  # r
        return 3 if first == 112 else -1
    return FIRST_ALIKE if second == 115 and first == 117 else -1


@compiled
def phrase_end(data: Bytes, start: int, stop: int, phrases: Bytes, number: int, any_case: bool) -> int:
    """Return where the phrase that begins here ends, or ``start`` when another text does.

    The Kelvin sign is the one character besides K whose small letter is k.
    """
    at = start
    for place in range(PHRASE_BYTES):
        wanted = phrases[number, place]
        if wanted == 0:
            return at
        if at >= stop:
            return start
        byte = data[at]
        if any_case and 65 <= byte <= 90:
            byte |= 0x20
        if byte != wanted:
            is_kelvin = any_case and wanted == 107 and at + 2 < stop and byte == 0xE2
            if not (is_kelvin and data[at + 1] == 0x84 and data[at + 2] == 0xAA):
                return start
            at += 2
        at += 1
    return at


@compiled
def c4_paragraphs(data: Bytes, start: int, stop: int, limits: Bytes, row: Bytes) -> int:
    """Drop a text with too few lines that are long enough."""
    long_lines, at = 0, start
    while True:
        end = at
        while end < stop and data[end] != 10:
            end += 1
        long_lines += count_chars(data, at, end) >= limits[MIN_PARAGRAPH_CHARS]
        if end >= stop:
            break
        at = end + 1
    row[LONG_LINES] = long_lines
    return LONG_LINES + 1 if long_lines < limits[MIN_PARAGRAPHS] else KEEP
