"""Rules on repetition: n-grams that come again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from penstock.process.quality.rules.registry import Bounds, rule
from penstock.process.quality.rules.special import refined
from penstock.process.quality.rules.view import View

_TOP = {2: Bounds(most=0.2), 3: Bounds(most=0.18), 4: Bounds(most=0.16)}
_DUPLICATE = {
    n: Bounds(most=most) for n, most in zip(range(5, 11), (0.15, 0.14, 0.13, 0.12, 0.11, 0.10), strict=True)
}
"""Both of Gopher (Rae et al. 2021, arXiv:2112.11446, table A1)."""

_TEN = {10: Bounds(most=0.5)}


def _ngrams(words: Sequence[str], n: int) -> zip[tuple[str, ...]]:
    return zip(*[words[start:] for start in range(n)], strict=False)


@rule("top_ngram_share", "nemo_curator", by_n=_TOP)
def top_ngram_share(view: View, n: int) -> float:
    """Characters that vanish with the most frequent n-gram where it is written with blanks, by all; 1 below n words.

    Of n-grams that are equally frequent the first one counts (in NeMo Curator, any).
    """
    counts = Counter(_ngrams(view.words, n))
    if not counts:
        return 1.0
    top = " ".join(counts.most_common(1)[0][0])
    return view.text.count(top) * len(top) / len(view.text)


@rule("top_ngram_share", "dolma", by_n=_TOP)
def top_ngram_share_dolma(view: View, n: int) -> float | None:
    """The most frequent n-gram's characters times its count, by the characters in words; undefined below n words."""
    counts = Counter(_ngrams(view.words, n))
    if not counts:
        return None
    top, count = counts.most_common(1)[0]
    return count * sum(map(len, top)) / max(view.word_chars, 1)


@rule("duplicate_ngram_share", "nemo_curator", by_n=_DUPLICATE)
def duplicate_ngram_share(view: View, n: int) -> float:
    """Characters in n-grams that came before, with the blanks, each counted once, by all; 1 below n words."""
    if len(view.words) < n:
        return 1.0
    seen: set[tuple[str, ...]] = set()
    duplicated = counted = 0
    for ngram in _ngrams(view.words, n):
        if ngram in seen:
            duplicated += sum(map(len, ngram[counted:])) + min(n - counted, n - 1)
            counted = n
        else:
            seen.add(ngram)
        counted = max(counted - 1, 0)
    return duplicated / len(view.text)


@rule("duplicate_ngram_share", "dolma", by_n=_DUPLICATE)
def duplicate_ngram_share_dolma(view: View, n: int) -> float | None:
    """Characters of n-grams that occur more than once, by those of all n-grams; undefined below n words."""
    counts = Counter(_ngrams(view.words, n))
    if not counts:
        return None
    sizes = [(count, count * sum(map(len, ngram))) for ngram, count in counts.items()]
    return sum(size for count, size in sizes if count > 1) / max(sum(size for _, size in sizes), 1)


@rule("character_repetition", "data_juicer", by_n=_TEN)
def character_repetition(view: View, n: int) -> float:
    """Occurrences of the most frequent n-grams of characters, by all; of k different ones the first sqrt(k) at most."""
    text = view.text
    counts = Counter(text[start : start + n] for start in range(len(text) - n + 1))
    if not counts:
        return 0.0
    repeated = sorted((count for count in counts.values() if count > 1), reverse=True)
    return sum(repeated[: math.isqrt(len(counts))]) / counts.total()


@rule("word_repetition", "data_juicer", by_n=_TEN)
def word_repetition(view: View, n: int) -> float:
    """Occurrences of n-grams of words (lower case, without signs around) that come again, by all n-grams."""
    words = refined([part.lower() for part in view.parts])
    counts = Counter(_ngrams(words, n))
    return sum(count for count in counts.values() if count > 1) / counts.total() if counts else 0.0
