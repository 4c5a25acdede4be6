"""FineWeb's rules (Penedo et al. 2024, arXiv:2406.17557, section 3.6) as datatrove 0.10.1 defines them."""

from __future__ import annotations

from penstock.text.characters import TERMINAL
from penstock.text.reference.words import words


def fineweb(text: str, short_chars: int = 30, stop_chars: tuple[str, ...] | None = None) -> dict[str, float]:
    """Return the metrics of a text, none when it has no line with something in it."""
    marks = tuple(map(chr, TERMINAL)) if stop_chars is None else stop_chars
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return {}
    seen: set[str] = set()
    again = [line for line in lines if line in seen or seen.add(line)]  # type: ignore[func-returns-value]
    return {
        "line_punct_ratio": sum(line.endswith(marks) for line in lines) / len(lines),
        "short_line_ratio": sum(len(line) <= short_chars for line in lines) / len(lines),
        "char_dup_ratio": sum(map(len, again)) / len(text.replace("\n", "")),
        "list_ratio": text.count("\n") / len(words(text)),
    }


def fineweb_reason(text: str, stop_chars: tuple[str, ...] | None = None) -> str | None:
    """Return the first rule that a text breaks, with the published limits."""
    found = fineweb(text, stop_chars=stop_chars)
    if not found:
        return "empty"
    broken = {
        "line_punct_ratio": found["line_punct_ratio"] < 0.12,
        "short_line_ratio": found["short_line_ratio"] > 0.67,
        "char_dup_ratio": found["char_dup_ratio"] > 0.01,
        "list_ratio": found["list_ratio"] > 0.3,
    }
    return next((reason for reason, is_broken in broken.items() if is_broken), None)
