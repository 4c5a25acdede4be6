from __future__ import annotations

import pytest

from penstock.text.reference.minhash import coefficients, signature, simplify


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello,  World! 3.14 and 1,2,3", "hello world 0 and 0 0"),
        ("Ångström naïve", "angstrom naive"),
        ("  ", ""),
        ("٣٫٥ x²", "0 x²"),
        ("ΟΔΟΣ", "οδος"),
    ],
)
def test_simplifies_as_datatrove_does(text: str, expected: str):
    assert simplify(text) == expected


def test_the_hash_functions_are_those_of_datatrove():
    factors, summands = coefficients(112, 1)
    assert (int(factors[0]), int(summands[0])) == (775169054918279404, 1062448801025099917)


def test_a_text_of_fewer_words_than_a_shingle_has_no_signature():
    assert signature("one two three four") is None
    assert signature("one two three four five", count=3) == [
        602191736421610803,
        745004207929386643,
        1375363042026216752,
    ]
