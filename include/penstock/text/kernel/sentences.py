"""Sentences of a line, counted as spaCy's rule-based sentencizer splits it."""

from __future__ import annotations

from penstock.text.kernel.code_points import strip_stop
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled
from penstock.text.kernel.layout import BLANK_BEFORE, ENDS_SENTENCE, IS_PUNCT
from penstock.text.kernel.vocabulary import find_words, is_blank_token
from penstock.text.kernel.words import NO_ROOM


@compiled
def count_sentences(
    rules: Record, memo: Record, words: Records, first: int, data: Bytes, start: int, stop: int
) -> tuple[int, int]:
    """Return the number of sentences, or `NO_ROOM`, and of words; words from ``first`` on are scratch.

    A sentence begins with the first token after an end mark that is neither a mark nor punctuation; white space that is
    a token counts as such.
    """
    count = find_words(rules, memo, words, first, data, start, stop)
    if count == NO_ROOM:
        return NO_ROOM, 0
    sentences, ended = 1, False
    for at in range(first, count):
        flags = words[at].flags
        if ended and flags & BLANK_BEFORE:
            sentences += 1
            ended = False
        if flags & ENDS_SENTENCE:
            ended = True
        elif ended and not flags & IS_PUNCT:
            sentences += 1
            ended = False
    ended = ended and is_blank_token(data, strip_stop(data, start, stop), stop, start)
    return sentences + ended, count - first
