"""Run rules over documents, one after the other, each text cut into words at most once until a rule changes it.

A document that leaves is not shown to the rules behind. A rule whose metrics another one has taken of the same text
only decides. Memory that depends on a document's size is handed in; where it
does not suffice the run stops before that document and says what it needs.
"""

# ruff: noqa: C901, PLR0912, PLR0913, PLR0917, PLR1714, SIM109 - numba: no sets, no generators

from __future__ import annotations

from penstock.text.kernel.c4 import c4, c4_paragraphs
from penstock.text.kernel.code_points import count_chars, strip_start, strip_stop
from penstock.text.kernel.codes import (
    C4,
    CHANGES_TEXT,
    EMPTY,
    FINEWEB,
    KEEP,
    LINES,
    NO_ROOM,
    NO_TEXT_ROOM,
    QUALITY,
    REPETITION,
)
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled, compiled_with_memory
from penstock.text.kernel.fineweb import fineweb_lines, fineweb_reason, list_ratio
from penstock.text.kernel.quality import quality, quality_reason
from penstock.text.kernel.repetition import repeated_ngrams, repeated_parts, repetition_reason
from penstock.text.kernel.vocabulary import find_words

UNKNOWN = -1
ALL_DONE, NEEDS_WORDS, NEEDS_TABLE, NEEDS_TEXT = 0, 1, 2, 3


@compiled_with_memory
def run_rules(
    rules: Record, memo: Record, words: Records, keys: Bytes, places: Records, kinds: Bytes, limits: Bytes,
    decides: Bytes, exhaustive: Bytes, taken_by: Bytes, strings: Bytes, data: Bytes, starts: Bytes, stops: Bytes,
    alive: Bytes, first: int, out: Bytes, out_end: int, new_starts: Bytes, new_stops: Bytes, steps: Bytes,
    codes: Bytes, rows: Bytes,
) -> tuple[int, int, int]:  # fmt: skip
    """Return the document at which it stopped, what that one needs, and where ``out`` is filled to.

    ``new_starts[i]`` stays below 0 where a text did not change; ``codes[i]`` and ``steps[i]`` say why a document left.
    """
    for document in range(first, len(starts)):
        if not alive[document]:
            continue
        text, start, stop = data, starts[document], stops[document]
        count, total, end, changed = UNKNOWN, UNKNOWN, out_end, False
        for step in range(len(kinds)):
            kind, limit, row, full = kinds[step], limits[step], rows[document, step], exhaustive[step]
            if taken_by[step] >= 0:
                row[:] = rows[document, taken_by[step]]
                code = reason_of(kind, row, limit, stop <= start)
            elif kind == REPETITION or kind == QUALITY or kind == FINEWEB:
                wants_words = kind == QUALITY
                if kind == REPETITION:
                    code = repetition_parts(keys, places, memo, text, start, stop, limit, full, row)
                    wants_words = stop > start and (code == KEEP or full)
                elif kind == FINEWEB:
                    code = fineweb_lines(
                        rules, memo, keys, places, strings[step], text, start, stop, limit, full, row
                    )  # fmt: skip
                    wants_words = row[LINES] > 0 and (code == KEEP or full)
                else:
                    code = KEEP
                if code == NO_ROOM:
                    return document, NEEDS_TABLE, out_end
                if wants_words and count == UNKNOWN and (kind != FINEWEB or total == UNKNOWN):
                    count = find_words(rules, memo, words, 0, text, start, stop)
                    if count == NO_ROOM:
                        return document, NEEDS_WORDS, out_end
                if wants_words and kind == REPETITION:
                    chars = count_chars(text, start, stop)
                    code = repeated_ngrams(keys, places, memo, words, count, chars, limit, full, code, row)
                elif kind == QUALITY:
                    code = quality(words, count, text, start, stop, strings[step], limit, full, row)
                elif wants_words:
                    code = list_ratio(text, start, stop, max(count, total), limit, row)
                if code == NO_ROOM:
                    return document, NEEDS_TABLE, out_end
            elif kind == C4:
                line_end, spoken = 0, UNKNOWN
                code, line_end, spoken = c4(
                    rules, memo, words, count, text, start, stop, limit, full, row, out, end
                )  # fmt: skip
                if code == NO_ROOM or code == NO_TEXT_ROOM:
                    return document, NEEDS_WORDS if code == NO_ROOM else NEEDS_TEXT, out_end
                if code == KEEP and limit[CHANGES_TEXT] > 0:
                    text, start = out, strip_start(out, end, line_end)
                    stop = strip_stop(out, start, line_end)
                    count, total, end, changed = UNKNOWN, spoken, line_end, True
            else:
                code = c4_paragraphs(text, start, stop, limit, row)
            if code != KEEP and decides[step]:
                steps[document], codes[document] = step, code
                break
        if changed:
            new_starts[document], new_stops[document] = start, stop
            out_end = end
    return len(starts), ALL_DONE, out_end


@compiled
def reason_of(kind: int, row: Bytes, limits: Bytes, is_empty: bool) -> int:
    """Decide by metrics that are there."""
    if kind == REPETITION:
        return EMPTY if is_empty else repetition_reason(row, limits)
    if kind == QUALITY:
        return quality_reason(row, limits)
    return fineweb_reason(row, limits)


@compiled_with_memory
def repetition_parts(
    keys: Bytes,
    places: Records,
    memo: Record,
    text: Bytes,
    start: int,
    stop: int,
    limit: Bytes,
    full: bool,
    row: Bytes,
) -> int:
    """Look at paragraphs and lines; an empty text leaves as such."""
    if stop <= start:
        return EMPTY
    chars = count_chars(text, start, stop)
    return repeated_parts(keys, places, memo.part_secret, text, start, stop, chars, limit, full, row)
