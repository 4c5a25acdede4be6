from __future__ import annotations

import numpy as np

from penstock.text.kernel.buffers import gather, may_hold_address
from support.texts import packed


def test_only_texts_with_an_at_sign_or_a_dot_between_digits_may_hold_an_address():
    data, offsets = packed(["a@b", "1.2", "a.b 1. .2", "", "1.", "x 10.0.0.1"])
    found = np.zeros(6, dtype=np.bool_)
    may_hold_address(data, offsets[:-1], offsets[1:], found)
    assert found.tolist() == [True, True, False, False, False, True]


def test_chosen_texts_are_put_side_by_side():
    data, offsets = packed(["one", "two", "three"])
    out, positions = np.zeros(9, dtype=np.uint8), np.zeros(3, dtype=np.int64)
    end = gather(out, 1, positions, data, offsets[:-1], offsets[1:], np.array([2, 0]))
    assert (end, out[1:end].tobytes(), positions.tolist()) == (9, b"threeone", [6, 0, 1])
