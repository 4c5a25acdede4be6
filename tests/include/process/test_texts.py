"""Texts of a batch in one buffer: replaced in pieces, they are those that a list would have."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.process.texts import Texts

WORDS = st.text(alphabet="aé\U0001f600\x00 ", max_size=5)
ROWS = st.lists(st.tuples(st.none() | WORDS, st.none() | WORDS), max_size=12)


def shown(texts: Texts, count: int) -> list[str | None]:
    return [texts.text(index) for index in range(count)]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@settings(deadline=None)
@given(rounds=st.lists(ROWS, min_size=1, max_size=3))
def test_replaced_texts_are_those_of_a_list(
    kind: pa.DataType, rounds: list[list[tuple[str | None, str | None]]]
):
    rows = [old for old, _ in rounds[0]]
    array = pa.array(["before", *rows, "behind"], type=kind).slice(1, len(rows))
    texts = Texts(array)
    assert shown(texts, len(rows)) == rows
    for pairs in rounds:
        new = {index: text.encode() for index, (_, text) in enumerate(pairs[: len(rows)]) if text is not None}
        texts.replace_strings(new)
        rows = [new[index].decode() if index in new else row for index, row in enumerate(rows)]
        assert shown(texts, len(rows)) == rows
    if texts.is_changed:
        assert texts.to_arrow(kind).to_pylist() == rows
        texts.to_arrow(kind).validate(full=True)
    assert array.to_pylist() == [old for old, _ in rounds[0]], "the array itself is as it was"


def test_texts_may_lie_anywhere_in_the_other_buffer():
    texts = Texts(pa.array(["a", "b", None, "d"]))
    data = np.frombuffer(b"..three..one..", dtype=np.uint8).copy()
    texts.replace(data, np.array([9, -1, 2, -1]), np.array([12, 0, 7, 0]))
    assert shown(texts, 4) == ["one", "b", "three", "d"]
    assert texts.to_arrow(pa.string()).to_pylist() == ["one", "b", "three", "d"]
