from __future__ import annotations

import pytest

from penstock.model.baselines import majority_class, vader_classes


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("VADER is smart, handsome, and funny!", "en", "positive"),
        ("Today sux", "en", "negative"),
        ("The table stands in the room.", "en", "neutral"),
        ("", "en", "neutral"),
        ("很好", "zh", None),
        ("good", None, None),
        (None, "en", None),
    ],
)
def test_vader_has_a_word_on_english_alone(
    text: str | None, language: str | None, expected: str | None
) -> None:
    assert vader_classes([text], [language]) == [expected]


def test_refuses_texts_and_languages_of_different_number() -> None:
    with pytest.raises(ValueError, match="shorter"):
        vader_classes(["good", "bad"], ["en"])


def test_the_majority_is_the_most_frequent_label() -> None:
    assert majority_class(["a", "b", "b"]) == "b"


def test_the_majority_among_equals_does_not_depend_on_the_order() -> None:
    assert majority_class(["b", "a"]) == majority_class(["a", "b"]) == "a"
