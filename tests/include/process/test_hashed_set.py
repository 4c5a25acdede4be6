from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.process.hashed_set import HashedSet, hash_of, pack, place_of

XXH64_OF_PENSTOCK = 0xA1E33EDC8A9C5673
STRINGS = st.lists(st.text(st.characters(exclude_categories=())))


@given(STRINGS, STRINGS)
def test_holds_what_was_packed_and_nothing_else(inside, others):
    found = HashedSet(pack(inside))
    assert all(string in found for string in inside)
    assert not any(string in found for string in set(others) - set(inside))
    assert len(found) == len(set(inside))


def test_equal_sets_are_equal_bytes():
    assert pack(["a", "b", "a"]) == pack(["b", "a"])
    assert pack([]) == b""
    assert "a" not in HashedSet(b"")


def test_the_hash_is_the_same_on_every_machine():
    assert hash_of("penstock") == XXH64_OF_PENSTOCK
    assert HashedSet(pack(["a"])).has_hash(hash_of("a"))


def test_a_place_is_below_one_and_depends_on_the_seed():
    places = [place_of(str(n)) for n in range(10_000)]
    assert 0 <= min(places) < 0.01
    assert 0.99 < max(places) < 1
    assert sum(places) / len(places) == pytest.approx(0.5, abs=0.02)
    assert place_of("a", 1) != place_of("a")
