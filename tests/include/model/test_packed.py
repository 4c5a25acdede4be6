from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import ContractError
from penstock.model.packed import pack, unpack

floats = st.lists(st.floats(width=32, allow_nan=False))


@given(st.lists(st.none() | floats))
def test_floats_come_back_exactly_with_null_and_empty_kept_apart(rows: list[list[float] | None]) -> None:
    assert unpack(pack(pa.array(rows, pa.list_(pa.float32()))), "<f4").to_pylist() == rows


def test_integers_come_back_exactly() -> None:
    rows = [[0, 262143], None, [], [2**31 - 1]]
    assert unpack(pack(pa.array(rows, pa.list_(pa.int64()))), "<i4").to_pylist() == rows


def test_no_rows_are_an_empty_column() -> None:
    assert unpack([], "<f4").to_pylist() == []


@pytest.mark.parametrize("garbage", ["???", "AAA=", "AAAAAA==x", "数"])
def test_refuses_text_that_holds_no_numbers_and_says_what_came(garbage: str) -> None:
    with pytest.raises(ContractError, match="expected base64 of 4-byte numbers, got") as raised:
        unpack([garbage], "<f4")
    assert garbage in str(raised.value)


def test_a_slice_and_fixed_lengths_are_packed_as_their_own_rows() -> None:
    sliced = pa.array([[1.0], None, [2.0, 3.0]], pa.list_(pa.float32())).slice(1)
    fixed = pa.array([[1.0, 2.0], None], pa.list_(pa.float64(), 2))
    assert unpack(pack(sliced), "<f4").to_pylist() == [None, [2.0, 3.0]]
    assert unpack(pack(fixed), "<f4").to_pylist() == [[1.0, 2.0], None]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["text"]),
        pa.array([["text"]], pa.list_(pa.string())),
        pa.array([[1.0, None]], pa.list_(pa.float32())),
        pa.array([[2**40]], pa.list_(pa.int64())),
    ],
)
def test_refuses_a_column_that_is_not_of_numbers(column: pa.Array) -> None:
    with pytest.raises(ContractError, match="expected a column of lists of 32-bit numbers"):
        pack(column)
