"""Words of a text: spaced scripts by one expression, Chinese by jieba, Japanese by janome, Thai by pythainlp (newmm).

A word is a run of letters and digits; apostrophes and hyphens count inside of a word (``don't``, ``well-known``) and
nowhere else. Runs of Han characters are segmented by jieba's dictionary with its HMM for unknown words when the
language is Chinese, or when it is not known. Runs of Japanese and of Thai script are segmented when the language is
theirs. In any other language a run stays one word.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jieba
    from janome.tokenizer import Tokenizer as JanomeTokenizer

MAX_CHARS = 1_000_000
"""Characters of a text that are tokenised: bounds its time (English 1 s, Chinese 8 s, Japanese 30 s)."""

MAX_RUN_CHARS = 1000
"""Han characters in a row that jieba sees at once: its time grows with their square where it knows no word."""

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\U00030000-\U000323af"
_LETTER = rf"[^\W_{_HAN}]"
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_WORD_OR_HAN = re.compile(rf"(?P<han>[{_HAN}]+)|{_LETTER}+(?:['’\-]{_LETTER}+)*")
_ANY_HAN = re.compile(f"[{_HAN}]")
_KANA = "\u3005\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_THAI = "\u0e01-\u0e3a\u0e40-\u0e4e"
_MAX_NEWMM_CHARS = 1000  # newmm looks at all ways to cut an ambiguous stretch; its safe mode cuts it first


def tokenize(text: str, language: str | None = None) -> tuple[str, ...]:
    """Return the words of ``text`` in their order, as written.

    ``language`` is an ISO 639 code; without one, Han characters alone decide.
    """
    if language == "zh" or (language is None and _ANY_HAN.search(text)):
        return tuple(_mixed_words(text))
    if language in _SEGMENTED:
        pattern, segment = _SEGMENTED[language]
        return tuple(_segmented_words(text, pattern, segment))
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


def _segmented_words(
    text: str, pattern: re.Pattern[str], segment: Callable[[str], Iterable[str]]
) -> Iterator[str]:
    """Yield the words of a text in whose script words are not parted by blanks; other scripts in it by their blanks."""
    for found in pattern.finditer(text):
        if found.lastgroup == "run":
            yield from segment(found.group())
        else:
            yield found.group()


def _run_or_word(script: str) -> re.Pattern[str]:
    letter = rf"[^\W_{script}]"
    return re.compile(rf"(?P<run>[{script}]+)|{letter}+(?:['’\-]{letter}+)*")


def _japanese(run: str) -> Iterable[str]:
    return (str(word) for word in _janome().tokenize(run))


def _thai(run: str) -> Iterable[str]:
    from pythainlp.tokenize import word_tokenize

    engine = "newmm" if len(run) <= _MAX_NEWMM_CHARS else "newmm-safe"
    return [str(word) for word in word_tokenize(run, engine=engine)]


_SEGMENTED = {
    "ja": (_run_or_word(_HAN + _KANA), _japanese),
    "th": (_run_or_word(_THAI), _thai),
}


@functools.cache
def _janome() -> JanomeTokenizer:
    """Load janome's dictionary once in a process."""
    from janome.tokenizer import Tokenizer

    return Tokenizer(wakati=True)


@functools.cache
def _segmenter() -> jieba.Tokenizer:
    """Load jieba's dictionary once in a process, without its cache file: that lies in a folder others may write."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    return segmenter
