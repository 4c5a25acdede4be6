"""Parts of a text that may be in many texts: its lines, paragraphs or sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNITS = {
    "line": re.compile(r"[^\n]*\n|[^\n]+"),
    "paragraph": re.compile(r"(?:[^\n]+(?:\n(?![ \t\r]*\n))?)+(?:\n\s*)?|\s+"),
    "sentence": re.compile(
        r"[^.!?\u3002\uff01\uff1f\n]*[.!?\u3002\uff01\uff1f\n]+\s*|[^.!?\u3002\uff01\uff1f\n]+"
    ),
}
"""Each unit with what separates it from the next, so that joining all of them gives the text."""


def units_of(text: str, unit: str) -> list[str]:
    """Return the units of a text, each with the white space after it."""
    return _UNITS[unit].findall(text)


def keys_of(text: str | None, unit: str, min_chars: int) -> bytes | None:
    """Return a 64-bit hash (little-endian) for each unit, 0 for one of fewer than ``min_chars`` characters.

    Units are compared in lower case, with white space as one blank and without it at the ends.
    """
    if text is None:
        return None
    import xxhash

    keys = bytearray()
    for part in units_of(text, unit):
        plain = " ".join(part.lower().split())
        key = (
            xxhash.xxh64_digest(plain.encode("utf-8", "replace"))[::-1]
            if len(plain) >= min_chars
            else bytes(8)
        )
        keys += key
    return bytes(keys)


def without(text: str, unit: str, positions: Sequence[int]) -> str:
    """Return the text without the units at ``positions``, and without white space at its end."""
    gone = set(positions)
    kept = [part for position, part in enumerate(units_of(text, unit)) if position not in gone]
    return "".join(kept).rstrip()
