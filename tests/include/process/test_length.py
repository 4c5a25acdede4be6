from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.process.length import Length
from penstock.process.step import Drop


@pytest.mark.parametrize(
    ("bounds", "text", "expected"),
    [
        ({}, None, None),
        ({}, "x" * 10_000, None),
        ({"min_chars": 3}, "abc", None),
        ({"min_chars": 3}, "ab", Drop("too_short", 2)),
        ({"min_chars": 1}, None, Drop("too_short", 0)),
        ({"max_chars": 3}, "我爱你", None),
        ({"max_chars": 3}, "abcd", Drop("too_long", 4)),
        ({"max_chars": 1}, "\U0001f600", None),
    ],
)
def test_keeps_texts_within_the_bounds(apply_to, bounds, text, expected):
    assert apply_to(Length(**bounds), text)[1] == expected


@pytest.mark.parametrize("bounds", [{"min_chars": -1}, {"max_chars": 0}, {"min_chars": 5, "max_chars": 4}])
def test_refuses_bounds_that_contradict(bounds):
    with pytest.raises(ValidationError):
        Length(**bounds)
