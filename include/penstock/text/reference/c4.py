"""C4's rules (Raffel et al. 2020, arXiv:1910.10683, section 2.2; mC4's paragraphs) as datatrove 0.10.1 defines them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from penstock.text import c4_phrases
from penstock.text.characters import SENTENCE_END
from penstock.text.reference.words import split_chunk

_CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")


def c4(
    text: str,
    *,
    split_paragraph: bool = True,
    terminal_punct: bool = True,
    min_sentences: int = 5,
    min_line_words: int = 3,
    max_word_chars: int = 1000,
) -> tuple[str | None, str]:
    """Return the rule that a text breaks, and the text that is left of it.

    Without ``split_paragraph`` its lines are its sentences.
    """
    kept: list[str] = []
    for whole in text.splitlines() if split_paragraph else sentences(text):
        line = whole.strip()
        chunks = line.split()
        if any(len(chunk) > max_word_chars for chunk in chunks):
            continue
        line = _CITATION.sub("", line)
        if terminal_punct and (not line.endswith((".", "?", "!", '"', "'")) or line.endswith("...")):
            continue
        if len(chunks) < min_line_words:
            continue
        low = line.lower()
        if c4_phrases.LOREM in low:
            return "lorem_ipsum", text
        if c4_phrases.JAVASCRIPT in low:
            continue
        if "{" in line:
            return "curly_bracket", text
        if not any(phrase in low for phrase in c4_phrases.POLICY):
            kept.append(line)
    spoken = sum(len(sentences(line)) for line in kept) if split_paragraph else len(kept)
    if min_sentences != -1 and spoken < min_sentences:
        return "too_few_sentences", text
    return None, ("\n" if split_paragraph else " ").join(kept).strip()


def c4_paragraphs(text: str, *, least: int = 3, chars: int = 200) -> bool:
    """Whether a text has enough lines that are long enough."""
    return sum(len(line) >= chars for line in text.split("\n")) >= least


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without white space around them, as spaCy's rule-based sentencizer splits it."""
    starts, ended = [0], False
    for start, token in tokens(text):
        is_mark = len(token) == 1 and ord(token) in SENTENCE_END
        if is_mark:
            ended = True
        elif ended and not all(unicodedata.category(char)[0] == "P" for char in token):
            starts.append(start)
            ended = False
    return [text[start:stop].strip() for start, stop in pairwise([*starts, len(text)])]


def tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield spaCy's tokens and where they begin: words, and all white space but a single blank between words."""
    for found in re.finditer(r"\s+|\S+", text):
        start, part = found.start(), found.group()
        if not part.isspace():
            for word in split_chunk(part):
                yield start, word
                start += len(word)
        elif start == 0 or part[0] != " ":
            yield start, part
        elif part[1:]:
            yield start + 1, part[1:]
