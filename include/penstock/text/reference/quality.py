"""Gopher's quality rules (Rae et al. 2021, arXiv:2112.11446, appendix A.1.1) as datatrove 0.10.1 defines them."""

from __future__ import annotations

from collections.abc import Collection

from penstock.text.characters import SYMBOLS
from penstock.text.reference.words import words

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


def quality(text: str, stop_words: Collection[str] = STOP_WORDS) -> dict[str, float]:
    """Return the metrics of a text; what is divided by nothing is NaN."""
    found, lines = words(text), text.splitlines()
    spoken = [word for word in found if any(ord(char) not in SYMBOLS for char in word)]
    bullets = sum(line.lstrip().startswith(("•", "-")) for line in lines)
    trailing = sum(line.rstrip().endswith(("...", "…")) for line in lines)
    with_letter = sum(any(map(str.isalpha, word)) for word in found)
    return {
        "words": len(spoken),
        "mean_word_length": _share(sum(map(len, spoken)), len(spoken)),
        "hashes": _share(text.count("#"), len(found)),
        "ellipses": _share(text.count("...") + text.count("…"), len(found)),
        "bullet_lines": _share(bullets, len(lines)),
        "ellipsis_lines": _share(trailing, len(lines)),
        "letter_words": _share(with_letter, len(found)),
        "stop_words": len(set(stop_words) & set(found)),
    }


def quality_reason(text: str) -> str | None:
    """Return the first rule that a text breaks, with the published limits."""
    found = quality(text)
    broken = {
        "gopher_short_doc": found["words"] < 50,
        "gopher_long_doc": found["words"] > 100_000,
        "gopher_below_avg_threshold": found["mean_word_length"] < 3,
        "gopher_above_avg_threshold": found["mean_word_length"] > 10,
        "gopher_too_many_hashes": found["hashes"] > 0.1,
        "gopher_too_many_ellipsis": found["ellipses"] > 0.1,
        "gopher_too_many_bullets": found["bullet_lines"] > 0.9,
        "gopher_too_many_end_ellipsis": found["ellipsis_lines"] > 0.3,
        "gopher_below_alpha_threshold": found["letter_words"] < 0.8,
        "gopher_enough_stop_words": found["stop_words"] < 2,
    }
    return next((reason for reason, is_broken in broken.items() if is_broken), None)


def _share(part: float, whole: int) -> float:
    return part / whole if whole else float("nan")
