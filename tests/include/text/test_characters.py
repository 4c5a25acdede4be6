from __future__ import annotations

from penstock.text import characters


def test_the_sets_have_as_many_characters_as_in_the_reference_tools():
    assert len(characters.ALPHA) == 105_724
    assert len(characters.ALPHA_LOWER) == 105_177
    assert len(characters.ALPHA_UPPER) == 104_939
    assert len(characters.ICONS) == 5_984
    assert len(characters.TERMINAL) == 159
    assert len(characters.SYMBOLS) == 281


def test_a_blank_is_no_symbol():
    assert not characters.SYMBOLS & {9, 10, 32}
