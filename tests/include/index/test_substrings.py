from __future__ import annotations

import random

import pytest

from penstock.index.substrings import cut, repeated_ranges


def plainly(texts, size):
    """Each string of ``size`` bytes that was seen before covers its bytes."""
    seen, found = set(), []
    for text in texts:
        covered = [False] * len(text)
        for i in range(len(text) - size + 1):
            if text[i : i + size] in seen:
                covered[i : i + size] = [True] * size
            seen.add(text[i : i + size])
        found.append(covered)
    return found


def test_ranges_are_those_of_a_plain_search():
    draw = random.Random(1)
    for _ in range(300):
        texts = [
            bytes(draw.choice(b"ab") for _ in range(draw.randrange(30))) for _ in range(draw.randrange(1, 5))
        ]
        found = repeated_ranges(texts, 4)
        covered = [
            [any(b <= i < e for b, e in r) for i in range(len(t))] for t, r in zip(texts, found, strict=True)
        ]
        assert covered == plainly(texts, 4), texts


def test_characters_stay_whole():
    text = "\u8d28\u91cf\u5f88\u597d".encode()
    (_, ranges) = repeated_ranges([text, b"x" + text[1:] + b"\xe8"[:0]], 5)
    assert all(cut(b"x" + text[1:], ranges)[k : k + 1] for k in range(1))
    (_, ranges) = repeated_ranges([b"ab" + text, b"cd" + text], 4)
    assert cut(b"cd" + text, ranges) == b"cd"


@pytest.mark.parametrize("texts", [[], [b""], [b"", b""], [b"ab"]])
def test_nothing_to_find(texts):
    assert repeated_ranges(texts, 4) == [[] for _ in texts]


def test_cutting():
    assert cut(b"abcdef", []) == b"abcdef"
    assert cut(b"abcdef", [(0, 2), (4, 6)]) == b"cd"
