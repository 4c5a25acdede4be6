"""Sentences, as spaCy's rule-based sentencizer splits a line or a text."""

from __future__ import annotations

from penstock.text.kernel.code_points import strip_stop
from penstock.text.kernel.compiled import Bytes, Record, Records, compiled, signed
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
    ended = ended and ends_with_blank_token(data, start, stop)
    return sentences + ended, count - first


@compiled
def next_sentence(words: Records, at: int, count: int, data: Bytes, start: int, stop: int) -> tuple[int, int]:
    """Return where the sentence ends that begins with word ``at`` of a text, and the word that begins the next.

    That word is ``count`` where one of nothing but white space is left, and ``count + 1`` behind the last sentence.
    """
    ended = False
    while at < count:
        flags = words[at].flags
        if ended and (flags & BLANK_BEFORE or not flags & (ENDS_SENTENCE | IS_PUNCT)):
            return start + signed(words[at].start), at
        if flags & ENDS_SENTENCE:
            ended = True
        at += 1
    if ended and ends_with_blank_token(data, start, stop):
        return strip_stop(data, start, stop), count
    return stop, count + 1


@compiled
def ends_with_blank_token(data: Bytes, start: int, stop: int) -> bool:
    """Whether spaCy makes a token of the white space at the end."""
    return is_blank_token(data, strip_stop(data, start, stop), stop, start)
