from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.index.documents import empty, fixed_bytes, ragged
from support.near_duplicates import documents_of, real_documents


def test_take_keeps_ids_keys_and_evidence_together():
    found = documents_of(real_documents(6, words=30))
    some = found.take(np.array([4, 1]))
    assert some.ids == [found.ids[4], found.ids[1]]
    assert (some.keys == found.keys[[4, 1]]).all()
    assert (some.evidence[: some.offsets[1]] == found.evidence[found.offsets[4] : found.offsets[5]]).all()
    assert len(found.take(np.empty(0, dtype=np.int64))) == len(empty(16)) == 0


def test_binary_columns_become_numbers_without_a_copy_of_each():
    values = [np.array([1, 2], dtype="<u8").tobytes(), np.array([3, 4], dtype="<u8").tobytes()]
    column = pa.chunked_array([pa.array(values[:1]), pa.array([b"x" * 16, *values[1:]]).slice(1)])
    assert fixed_bytes(column, 16).tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="values of 8 bytes, got one of 16"):
        fixed_bytes(column, 8)
    numbers, offsets = ragged(pa.chunked_array([pa.array([b"", b"\x01\0\0\0\x02\0\0\0", None])]))
    assert (numbers.tolist(), offsets.tolist()) == ([1, 2], [0, 0, 2, 2])


def test_columns_without_rows():
    column = pa.chunked_array([], type=pa.binary())
    assert fixed_bytes(column, 16).shape == (0, 2)
    assert ragged(column)[1].tolist() == [0]
