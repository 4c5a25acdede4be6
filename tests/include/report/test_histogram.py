"""Bins that show the values, whatever their shape."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.report.histogram import histogram, quantiles
from penstock.report.thresholds import Threshold

LIMIT = Threshold(value=30, name="length.min_chars", side="min")


def test_every_value_is_in_a_bin():
    found = histogram("n", [1.0, 2.0, 3.0], [10.0])
    assert found is not None
    assert (sum(found.kept), sum(found.left)) == (3, 1)
    assert len(found.kept) == len(found.edges) - 1


def test_few_whole_numbers_have_a_bin_each():
    found = histogram("n", [1, 1, 2, 5])
    assert found is not None
    assert found.is_whole
    assert dict(zip(found.edges, found.kept, strict=False)) == {0.5: 2, 1.5: 1, 2.5: 0, 3.5: 0, 4.5: 1}


def test_skewed_values_are_on_a_logarithmic_axis():
    found = histogram("n", [*range(1, 200), 100_000])
    assert found is not None
    assert found.is_log
    assert found.edges[0] > 0


def test_a_value_far_away_shares_the_last_bin_and_is_counted():
    found = histogram("speed", [float(n % 12) + 0.5 for n in range(100)], [468.7])
    assert found is not None
    assert found.beyond == 1 or found.is_log


def test_a_near_limit_is_inside_and_a_far_one_is_not():
    values = [float(n) for n in range(28, 90)]
    near, far = (
        histogram("n", values, limits=[LIMIT]),
        histogram("n", values, limits=[Threshold(value=1e6, name="m")]),
    )
    assert near is not None
    assert far is not None
    assert near.is_inside(30)
    assert not far.is_inside(1e6)


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0]])
def test_nothing_to_see_is_no_histogram(values: list[float]):
    assert histogram("n", values) is None


def test_other_values_fill_the_same_bins():
    found = histogram("n", [1.0, 9.0])
    assert found is not None
    assert found.refill([9.0]).edges == found.edges
    assert sum(found.refill([9.0, 100.0]).kept) == 2


def test_quantiles_are_values_that_are_there():
    assert quantiles(range(100)) == [5, 50, 95]


@given(
    st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=200),
    st.lists(st.floats(-1e12, 1e12), max_size=20),
    st.floats(-1e12, 1e12),
)
def test_no_values_break_it(kept: list[float], left: list[float], limit: float):
    found = histogram(
        "n", sorted(kept), sorted(left), limits=[Threshold(value=limit, name="x.max_n", side="max")]
    )
    if found is not None:
        assert all(a < b for a, b in zip(found.edges, found.edges[1:], strict=False))
        assert all(math.isfinite(edge) for edge in found.edges)
        assert sum(found.kept) + sum(found.left) == len(kept) + len(left)
