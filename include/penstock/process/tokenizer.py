"""Words of a text: English and other spaced scripts by one expression, Chinese by jieba.

A word is a run of letters and digits; apostrophes and hyphens count inside of a word (``don't``, ``well-known``) and
nowhere else. Runs of Han characters are segmented by jieba's dictionary with its HMM for unknown words when the
language is Chinese, or when it is not known; in other languages (Japanese) a run stays one word.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jieba

MAX_CHARS = 1_000_000
"""Characters of a text that are tokenised: bounds the time of one huge document (English 1 s, Chinese 8 s)."""

MAX_RUN_CHARS = 1000
"""Han characters in a row that jieba sees at once: its time grows with their square where it knows no word."""

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\U00030000-\U000323af"
_LETTER = rf"[^\W_{_HAN}]"
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_WORD_OR_HAN = re.compile(rf"(?P<han>[{_HAN}]+)|{_LETTER}+(?:['’\-]{_LETTER}+)*")
_ANY_HAN = re.compile(f"[{_HAN}]")


def tokenize(text: str, language: str | None = None) -> tuple[str, ...]:
    """Return the words of ``text`` in their order, as written.

    ``language`` is an ISO 639 code; without one, Han characters alone decide.
    """
    if language == "zh" or (language is None and _ANY_HAN.search(text)):
        return tuple(_mixed_words(text))
    return tuple(_WORD.findall(text))


def han_runs(text: str) -> list[str]:
    """Return the runs of Han characters of ``text``."""
    return re.findall(f"[{_HAN}]+", text)


def _mixed_words(text: str) -> Iterator[str]:
    for found in _WORD_OR_HAN.finditer(text):
        if found.lastgroup == "han":
            run = found.group()
            for start in range(0, len(run), MAX_RUN_CHARS):
                yield from _segmenter().cut(run[start : start + MAX_RUN_CHARS])
        else:
            yield found.group()


@functools.cache
def _segmenter() -> jieba.Tokenizer:
    """Load jieba's dictionary once in a process, without its cache file: that lies in a folder others may write."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    return segmenter
