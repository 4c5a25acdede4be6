"""Rules on words."""

from __future__ import annotations

import statistics
import unicodedata

from penstock.process.quality.rules.registry import rule
from penstock.process.quality.rules.special import refined
from penstock.process.quality.rules.view import View

COMMON_ENGLISH = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
"""The eight words of Gopher (Rae et al. 2021, arXiv:2112.11446, table A1)."""

_ELLIPSES = frozenset({"...", "[...]", "…", "(...)", "[…]", "-»"})


@rule("word_count", "nemo_curator", least=50, most=100_000)
@rule("word_count", "dolma", least=50, most=100_000)
def word_count(view: View, _: int) -> float:
    """Words (between white space)."""
    return len(view.words)


@rule("word_count", "data_juicer", least=10)
def word_count_refined(view: View, _: int) -> float:
    """Words that are more than punctuation, digits and signs."""
    return len(refined(view.parts))


@rule("mean_word_length", "nemo_curator", least=3, most=10)
def mean_word_length(view: View, _: int) -> float | None:
    """Characters in words, by words."""
    return view.word_chars / len(view.words) if view.words else None


@rule("median_word_length", "dolma", least=3, most=10)
def median_word_length(view: View, _: int) -> float:
    """The median of the words' characters; 0 without words."""
    return float(statistics.median(map(len, view.words))) if view.words else 0.0


@rule("longest_word", "nemo_curator", most=1000)
def longest_word(view: View, _: int) -> float | None:
    """Characters of the longest word (C4 removes lines with one of more than 1,000)."""
    return max(map(len, view.words), default=None)


@rule("symbol_word_share", "nemo_curator", most=0.1)
def symbol_word_share(view: View, _: int) -> float | None:
    """Words that are an ellipsis, or of which more than half the characters are runs of ``#``, by words."""
    if not view.words:
        return None
    return sum(
        word in _ELLIPSES or ("#" in word and _hash_runs(word) > len(word) / 2) for word in view.words
    ) / len(view.words)


def _hash_runs(word: str) -> int:
    """Return the runs of ``#``: NeMo Curator counts ``##`` once."""
    return sum(char == "#" and before != "#" for before, char in zip(" " + word, word, strict=False))


@rule("symbol_word_share", "dolma", most=0.1)
def symbol_word_share_dolma(view: View, _: int) -> float:
    """Words that contain ``#`` or ``…``, by words."""
    return sum("#" in word or "…" in word for word in view.words) / max(len(view.words), 1)


@rule("word_with_letter_share", "nemo_curator", least=0.8)
def word_with_letter_share(view: View, _: int) -> float | None:
    """Words with a letter of any script or a letter-like number (``Ⅷ``), by words."""
    return sum(map(_has_alphabetic, view.words)) / len(view.words) if view.words else None


@rule("word_with_letter_share", "dolma", least=0.8)
def word_with_letter_share_dolma(view: View, _: int) -> float:
    """Words with a letter of any script (str.isalpha), by words; 0 without words."""
    return sum(map(_has_letter, view.words)) / max(len(view.words), 1)


def _has_letter(word: str) -> bool:
    return word.isalpha() or any(map(str.isalpha, word))


def _has_alphabetic(word: str) -> bool:
    """Return whether a character is alphabetic; signs that Unicode calls so without being letters are not seen."""
    return _has_letter(word) or (
        not word.isascii() and any(unicodedata.category(char) == "Nl" for char in word)
    )


@rule("common_word_count", "nemo_curator", least=2)
@rule("common_word_count", "dolma", least=2)
def common_word_count(view: View, _: int) -> float:
    """How often one of ``the be to of and that have with`` occurs, in lower case (NeMo Curator stops at 2)."""
    return sum(word in COMMON_ENGLISH for word in view.words)
