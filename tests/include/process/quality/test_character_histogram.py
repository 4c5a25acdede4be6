from __future__ import annotations

import pytest

from penstock.process.quality.character_histogram import CharacterHistogram

LATIN = list("abcdefghijklmnopqrstuvwxyz.")


def test_a_text_in_other_characters_leaves(apply_to):
    step = CharacterHistogram(characters=LATIN)
    assert apply_to(step, "a plain text.")[1] is None
    assert apply_to(step, "обычный текст")[1] == (
        "character_histogram",
        pytest.approx(1 / 13),
        "less than 0.8",
    )
    assert apply_to(step, "")[1] is None


def test_the_threshold_itself_does_not_stay(apply_to):
    assert apply_to(CharacterHistogram(characters=LATIN), "abcdEfghiJ")[1].value == 0.8
    assert apply_to(CharacterHistogram(characters=LATIN, min=0.8), "abcdEfghiJ")[1] is None
