"""C4's rules (Raffel et al. 2020, arXiv:1910.10683, section 2.2; mC4's paragraphs) as datatrove 0.10.1 defines them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from penstock.text.characters import SENTENCE_END
from penstock.text.reference.words import split_chunk

_CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")
_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def c4(
    text: str,
    *,
    terminal_punct: bool = True,
    min_sentences: int = 5,
    min_line_words: int = 3,
    max_word_chars: int = 1000,
) -> tuple[str | None, str]:
    """Return the rule that a text breaks, and the text that is left of it."""
    kept: list[str] = []
    for whole in text.splitlines():
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
        if "lorem ipsum" in low:
            return "lorem_ipsum", text
        if "javascript" in low:
            continue
        if "{" in line:
            return "curly_bracket", text
        if not any(phrase in low for phrase in _POLICY):
            kept.append(line)
    if min_sentences != -1 and sum(map(sentences, kept)) < min_sentences:
        return "too_few_sentences", text
    return None, "\n".join(kept).strip()


def c4_paragraphs(text: str, *, least: int = 3, chars: int = 200) -> bool:
    """Whether a text has enough lines that are long enough."""
    return sum(len(line) >= chars for line in text.split("\n")) >= least


def sentences(line: str) -> int:
    """Count sentences as spaCy's rule-based sentencizer splits a line."""
    count, ended = 1, False
    for token in tokens(line):
        is_mark = len(token) == 1 and ord(token) in SENTENCE_END
        if is_mark:
            ended = True
        elif ended and not all(unicodedata.category(char)[0] == "P" for char in token):
            count, ended = count + 1, False
    return count


def tokens(line: str) -> Iterator[str]:
    """Yield the words, and the white space that is a token for spaCy: all but a single blank between words."""
    for found in re.finditer(r"\s+|\S+", line):
        part = found.group()
        if not part.isspace():
            yield from split_chunk(part)
        elif found.start() == 0 or part[0] != " ":
            yield part
        elif part[1:]:
            yield part[1:]
