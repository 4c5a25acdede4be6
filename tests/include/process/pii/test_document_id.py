from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("passport number XG9382049 to", ["XG9382049"]),
        ("Passport No.: 123456789", ["123456789"]),
        ("паспорт серия 4509 123456", ["4509 123456"]),
        ("护照号码E12345678", ["E12345678"]),
        ("passport was issued on 2019-01-02", []),
        ("the passport\n123456789", []),
        ("XG9382049", []),
    ],
)
def test_finds_passports_behind_the_word(finds, text, found):
    assert finds(text, "passport") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("VIN: 1M8GDM9AXKP042788", ["1M8GDM9AXKP042788"]),
        ("VIN: 1M8GDM9AYKP042788", []),
        ("hash 1M8GDM9AXKP042788", []),
    ],
)
def test_finds_vehicles_by_word_and_check_digit(finds, text, found):
    assert finds(text, "vehicle") == found
