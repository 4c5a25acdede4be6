"""The tests' measure of growth tells a straight line from a square."""

from __future__ import annotations

import pytest

from support.growth import assert_in_proportion


def test_a_straight_line_is_in_proportion():
    assert_in_proportion(lambda size: sum(range(size)), 4_000_000)


def test_a_square_is_not():
    with pytest.raises(
        AssertionError, match="expected at most 32 times the CPU time for 8 times the input, got"
    ):
        assert_in_proportion(lambda size: sum(range(size * size)), 4000)
