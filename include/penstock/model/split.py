"""Which examples are held back: decided by the text itself, so that copies of a text never sit on both sides.

A ``doc_id`` would be no safe key: the same review posted twice has two of them, one might be learnt and the other be
asked. The key is a hash of the text without case, punctuation and spacing, so near-identical copies share a side too.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")
_SCALE = 1 << 64


def text_key(text: str) -> str:
    """Return 32 hex digits that texts share when they differ only in case, width, punctuation or spacing.

    A text of nothing but punctuation is its own key: ``:-)`` and ``:-(`` must not be one example.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _NOT_WORD.sub(" ", folded).strip() or folded.strip()
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def is_held_back(key: str, share: float) -> bool:
    """Return whether the text of ``key`` (from `text_key`) is in the evaluation part, a ``share`` of all texts.

    The side of a text never changes: not by day, not by what other texts there are.
    """
    return int(key[:16], 16) < share * _SCALE
