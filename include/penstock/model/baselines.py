"""What a classifier must beat: VADER's own class, and always saying the most frequent class."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

NEUTRAL_BAND = 0.05


def vader_classes(texts: Iterable[str | None], languages: Iterable[str | None]) -> list[str | None]:
    """Return VADER's class of each English text, and ``None`` for other languages and for no text.

    The class follows the compound score and the ±0.05 band of its authors (Hutto & Gilbert 2014, and their README).
    """
    analyser = _analyser()
    return [
        _class_of(analyser.polarity_scores(text)["compound"])
        if text is not None and language == "en"
        else None
        for text, language in zip(texts, languages, strict=True)
    ]


def majority_class(labels: Sequence[str]) -> str:
    """Return the most frequent label; the least in the alphabet among equals.

    ``labels`` are those of the training rows: the baseline may not see the held-back ones either.
    """
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label))


def _class_of(compound: float) -> str:
    if compound >= NEUTRAL_BAND:
        return "positive"
    return "negative" if compound <= -NEUTRAL_BAND else "neutral"


@functools.cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
