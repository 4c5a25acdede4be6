"""Gopher's repetition rules (Rae et al. 2021, arXiv:2112.11446, table A1) as datatrove 0.10.1 defines them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from penstock.text.reference.words import words

Metrics = dict[str, float]


def repetition(
    text: str, top: Sequence[int] = (2, 3, 4), dup: Sequence[int] = tuple(range(5, 11))
) -> Metrics:
    """Return the metrics of a text that is not empty, in the order in which they decide.

    ``top`` and ``dup`` are the lengths of n-grams; of an n-gram longer than the text there is no metric.
    """
    paragraphs, lines = re.split(r"\n{2,}", text.strip()), re.split(r"\n+", text)
    found = words(text)
    metrics = {
        "dup_para_frac": _repeated(paragraphs)[0] / len(paragraphs),
        "dup_para_char_frac": _repeated(paragraphs)[1] / len(text),
        "dup_line_frac": _repeated(lines)[0] / len(lines),
        "dup_line_char_frac": _repeated(lines)[1] / len(text),
    }
    metrics |= {f"top_{n}_gram": _top_chars(found, n) / len(text) for n in top if len(found) >= n}
    return metrics | {f"duplicated_{n}_n_grams": _repeated_chars(found, n) / len(text) for n in dup}


def repetition_reason(text: str, limits: Mapping[str, float]) -> str | None:
    """Return the first metric above its limit; an empty text leaves as ``empty``."""
    if not text:
        return "empty"
    metrics = repetition(text)
    return next((name for name, value in metrics.items() if value > limits.get(name, float("inf"))), None)


def _repeated(parts: Sequence[str]) -> tuple[int, int]:
    """Return how many parts were there before, and their characters."""
    seen: set[str] = set()
    again = [part for part in parts if part in seen or seen.add(part)]  # type: ignore[func-returns-value]
    return len(again), sum(map(len, again))


def _top_chars(found: Sequence[str], n: int) -> int:
    """Return the characters of the most frequent n-gram times its number; of the first one when several are."""
    grams = Counter(" ".join(found[at : at + n]) for at in range(len(found) - n + 1))
    gram, number = max(grams.items(), key=lambda item: item[1])
    return len(gram) * number


def _repeated_chars(found: Sequence[str], n: int) -> int:
    """Return the characters of n-grams that were there before, each run skipped as a whole, words run together."""
    seen: set[str] = set()
    at = chars = 0
    while at < len(found) - n + 1:
        gram = "".join(found[at : at + n])
        if gram in seen:
            chars += len(gram)
        at += n if gram in seen else 1
        seen.add(gram)
    return chars
