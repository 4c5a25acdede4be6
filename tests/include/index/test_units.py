from __future__ import annotations

import random
import time

import pyarrow as pa
import pytest

from penstock.index.unit_columns import cutter, keyer
from penstock.index.units import keys_of, units_of, without


@pytest.mark.parametrize(
    ("unit", "text", "expected"),
    [
        ("line", "a\nb\n\nc", ["a\n", "b\n", "\n", "c"]),
        ("paragraph", "a\nb\n\n\nc\n", ["a\nb\n\n\n", "c\n"]),
        ("paragraph", "\n\na\n \t\nb", ["\n\n", "a\n \t\n", "b"]),
        ("sentence", "One. Two!  Three", ["One. ", "Two!  ", "Three"]),
        ("sentence", "\u4e00\u3002\u4e8c\uff01", ["\u4e00\u3002", "\u4e8c\uff01"]),
        ("line", "", []),
    ],
)
def test_units(unit, text, expected):
    assert units_of(text, unit) == expected


@pytest.mark.parametrize("unit", ["line", "paragraph", "sentence"])
def test_units_together_are_the_text(unit):
    draw = random.Random(1)
    for _ in range(500):
        text = "".join(draw.choice("ab .!\n\t \r\u3002") for _ in range(draw.randrange(40)))
        assert "".join(units_of(text, unit)) == text
        assert len(keys_of(text, unit, 1)) == 8 * len(units_of(text, unit))


@pytest.mark.parametrize("unit", ["line", "paragraph", "sentence"])
@pytest.mark.parametrize("piece", ["\n", " ", ".", "a\n", "a ", "\n ", "\n\t\n"])
def test_no_text_takes_long(unit, piece):
    begin = time.perf_counter()
    units_of(piece * 200_000, unit)
    assert time.perf_counter() - begin < 5


def test_keys_ignore_case_and_space_and_short_units_have_none():
    assert keys_of("Same  line\n", "line", 3) == keys_of(" same line", "line", 3)
    assert keys_of("ab\n", "line", 3) == bytes(8)
    assert keys_of(None, "line", 3) is None
    assert keys_of("a \ud800 b", "line", 1) is not None


def test_cutting():
    assert without("a\nb\nc\n", "line", [1]) == "a\nc"
    assert without("a. b. c.", "sentence", [0, 2]) == "b."
    texts, places = pa.array(["a\nb\n", "x", None]), pa.array([b"\0\0\0\0", None, None])
    assert cutter("line")(texts, places).to_pylist() == ["b", "x", None]
    assert keyer("line", 9)(texts).to_pylist() == [bytes(16), bytes(8), None]
