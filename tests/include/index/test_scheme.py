from __future__ import annotations

import numpy as np

from penstock.index.scheme import Scheme


def test_equal_bands_have_equal_keys_and_no_others():
    draw = np.random.default_rng(1)
    a = draw.integers(0, 1 << 61, size=(1, 112), dtype=np.uint64)
    b = a.copy()
    b[0, 8 * 3 + 2] += 1
    scheme = Scheme(bands=14, rows=8)
    x, y = scheme.band_keys(a)[0], scheme.band_keys(b)[0]
    assert np.flatnonzero(x != y).tolist() == [3]


def test_equal_hashes_in_different_bands_have_different_keys():
    same = np.full((1, 112), 7, dtype=np.uint64)
    assert len(set(Scheme().band_keys(same)[0].tolist())) == 16


def test_the_order_of_hashes_matters():
    a = np.arange(112, dtype=np.uint64).reshape(1, -1)
    b = a.copy()
    b[0, [0, 1]] = b[0, [1, 0]]
    assert Scheme().band_keys(a)[0, 0] != Scheme().band_keys(b)[0, 0]


def test_a_name_says_what_can_be_compared():
    assert Scheme().name == "v1 16x7 1024 shingles"
    assert Scheme(bands=14, rows=8, verify="none").name == "v1 14x8 none"
    assert Scheme().signature_bytes == 896
