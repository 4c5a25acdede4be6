from __future__ import annotations

import numpy as np

from penstock.text.kernel.buffers import may_hold_address
from support.texts import packed


def test_only_texts_with_an_at_sign_or_a_dot_between_digits_may_hold_an_address():
    data, offsets = packed(["a@b", "1.2", "a.b 1. .2", "", "1.", "x 10.0.0.1"])
    found = np.zeros(6, dtype=np.bool_)
    may_hold_address(data, offsets[:-1], offsets[1:], found)
    assert found.tolist() == [True, True, False, False, False, True]
