from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.model.split import is_held_back, text_key


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("Good film", "good   FILM!"),
        ("Good film", " good\nfilm "),
        ("很好，满意", "很好 满意"),
        ("ＡＢＣ", "abc"),
        ("so_good", "so good"),
    ],
)
def test_copies_that_differ_in_case_width_punctuation_or_spacing_share_a_key(text: str, copy: str) -> None:
    assert text_key(text) == text_key(copy)


@pytest.mark.parametrize(("one", "other"), [("good", "bad"), (":-)", ":-("), ("", ":-)"), ("a b", "ab")])
def test_different_texts_have_different_keys(one: str, other: str) -> None:
    assert text_key(one) != text_key(other)


def test_half_a_surrogate_pair_has_a_key() -> None:
    assert len(text_key("\ud800")) == 32


@given(st.text())
def test_the_side_of_a_text_never_changes(text: str) -> None:
    assert is_held_back(text_key(text), 0.2) == is_held_back(text_key(text), 0.2)


def test_the_held_back_share_is_what_was_asked() -> None:
    held = sum(is_held_back(text_key(f"text number {n}"), 0.2) for n in range(20_000))
    assert 0.19 < held / 20_000 < 0.21


def test_a_larger_share_keeps_what_a_smaller_one_held_back() -> None:
    keys = [text_key(f"text number {n}") for n in range(1000)]
    assert {k for k in keys if is_held_back(k, 0.1)} < {k for k in keys if is_held_back(k, 0.3)}
