"""Byte strings that are in a run of texts more than once, by a suffix array (Lee et al. 2022, arXiv:2107.06499)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEPARATOR = b"\xff"
"""Stands between two texts; it is in no UTF-8 text, so no string that is looked for reaches over it."""


def repeated_ranges(texts: Sequence[bytes], min_bytes: int) -> list[list[tuple[int, int]]]:
    """Return for each text the ranges (bytes) in which each string of ``min_bytes`` bytes is there before.

    Before means earlier in the text or in a text before it; the first occurrence is in no range. Ranges begin and end
    between characters. Takes about 20 bytes of memory for a byte of text.
    """
    import numpy as np

    together = SEPARATOR.join(texts) + SEPARATOR
    covered = _covered(np.frombuffer(together, dtype=np.uint8).copy(), min_bytes)
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    return [
        _ranges(covered[begin : begin + len(text)], text)
        for begin, text in zip(starts[:-1].tolist(), texts, strict=True)
    ]


def cut(text: bytes, ranges: Sequence[tuple[int, int]]) -> bytes:
    """Return the text without the ranges, which are in order."""
    edges = [0, *(edge for one in ranges for edge in one), len(text)]
    return b"".join(text[begin:end] for begin, end in list(pairwise(edges))[::2])


def _covered(data: NDArray[np.uint8], size: int) -> NDArray[np.bool_]:
    """Return which bytes lie in a string of ``size`` bytes that is there before."""
    import numpy as np
    from pydivsufsort import divsufsort, kasai  # type: ignore[import-untyped]

    if len(data) <= size:
        return np.zeros(len(data), dtype=bool)
    suffixes = np.asarray(divsufsort(data), dtype=np.int64)
    common = np.asarray(kasai(data, suffixes.astype(np.int32 if len(data) < 1 << 31 else np.int64)))
    is_same = np.zeros(len(data), dtype=bool)  # shares its first bytes with the suffix before it
    is_same[1:] = common[: len(data) - 1] >= size
    starts = np.flatnonzero(~is_same)
    first = np.repeat(np.minimum.reduceat(suffixes, starts), np.diff([*starts, len(data)]))
    later = suffixes[suffixes != first]
    marks = np.zeros(len(data) + 1, dtype=np.int64)
    np.add.at(marks, later, 1)
    np.add.at(marks, np.minimum(later + size, len(data)), -1)
    separators = np.flatnonzero(data == SEPARATOR[0])
    ends = separators[np.searchsorted(separators, later)]
    over = later[ends < later + size]  # reaches over a separator: no string of one text
    np.add.at(marks, over, -1)
    np.add.at(marks, np.minimum(over + size, len(data)), 1)
    covered: NDArray[np.bool_] = np.cumsum(marks)[:-1] > 0
    return covered


def _ranges(covered: NDArray[np.bool_], text: bytes) -> list[tuple[int, int]]:
    import numpy as np

    steps = np.flatnonzero(np.diff(np.concatenate([[False], covered, [False]]).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for low, high in zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True):
        begin, end = low, high
        while begin < end and text[begin] & 0xC0 == 0x80:
            begin += 1
        while end > begin and end < len(text) and text[end] & 0xC0 == 0x80:
            end -= 1
        if begin < end:
            found.append((begin, end))
    return found
