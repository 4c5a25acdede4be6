from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Visa 4111 1111 1111 1111, 5555-5555-5555-4444.", ["4111 1111 1111 1111", "5555-5555-5555-4444"]),
        ("amex 378282246310005; 3782 822463 10005", ["378282246310005", "3782 822463 10005"]),
        ("card # 5213591727586604 for", ["5213591727586604"]),
        ("卡号6200000000000005。", ["6200000000000005"]),
        ("card 4024007162445", ["4024007162445"]),
        ("EAN 4024007162445", []),
    ],
)
def test_finds_cards(finds, text, found):
    assert finds(text, "credit_card") == found


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112 and 4111111111111112",  # Luhn
        "1234567890123452",  # no issuer
        "0.4111111111111111, 4111111111111111.5, $4111111111111111",
        "4111 1111 1111 1111 1111 1111",
        "5105105105105100-a 4111111111111111e5 x4111111111111111",
        "bar code 4006381333931, fingerprint 4639805967994715694",
    ],
)
def test_leaves_numbers_that_are_no_cards(finds, text):
    assert finds(text, "credit_card") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to GB29 NWBK 6016 1331 9268 19 by Friday", ["GB29 NWBK 6016 1331 9268 19"]),
        (
            "DE89370400440532013000, ES91 2100 0418 4502 0005 1332 USD 5",
            ["DE89370400440532013000", "ES91 2100 0418 4502 0005 1332"],
        ),
        ("GB29 NWBK 6016 1331 9268 18", []),
        ("IBAN: GB29 NWBK 6016 1331 9268 18", ["GB29 NWBK 6016 1331 9268 18"]),
        ("SHA12345678ABCDEF0123 or AB12 CDEF 3456", []),
    ],
)
def test_finds_ibans_by_their_check_or_their_name(finds, text, found):
    assert finds(text, "iban") == found


def test_values_have_no_blanks(values):
    text = "4111 1111 1111 1111 and GB29 NWBK 6016 1331 9268 19"
    assert values(text, "credit_card", "iban") == [
        ("credit_card", "4111111111111111"),
        ("iban", "GB29NWBK60161331926819"),
    ]
