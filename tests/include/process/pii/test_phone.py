from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Phone: (718) 575-1816. fax 212.736.5000", ["(718) 575-1816", "212.736.5000"]),
        (
            "+44 20 7946 0018; 0044 20 7946 0018; 020 7946 0018",
            ["+44 20 7946 0018", "0044 20 7946 0018", "020 7946 0018"],
        ),
        ("手机13800138000，电话：010-6552 9988", ["13800138000", "010-6552 9988"]),
        ("Desk: 986.291.2294x751, tel 212-736-5000 ext. 12", ["986.291.2294x751", "212-736-5000 ext. 12"]),
        ("call me at (96) 627-2779 or Mobile: 041-412-293", ["(96) 627-2779", "041-412-293"]),
        ("dial 2127365000 now", ["2127365000"]),
        (
            "212\u2011736\u20115000 and 212\u00a0736\u00a05000",
            ["212\u2011736\u20115000", "212\u00a0736\u00a05000"],
        ),
        ("8.8.8.8 212-736-5000 20261116", ["212-736-5000"]),
    ],
)
def test_finds_numbers_as_people_write_them(finds, text, found):
    assert finds(text, "phone") == found


@pytest.mark.parametrize(
    "text",
    [
        "account 8721938475, order 7391028373, Max children: 2147483647",
        "1 43 -39 -61 68 -4\n70 86 95 41 75\n2 35",
        "111  222  333  444  555  666",
        "programs of 32768-65535 bytes, entries 24799/24799",
        "22 39 75 93 86 E6 FD 66 48 b6",
        "Random value on [0 2147483647]: 1373858591, 1458952489 1",
        "https://example.org/A20%20User%20Manual%202013-03-22.pdf",
        "Timestamp: 17106715833, UNIX seconds: @15583032000",
        "pix_lock 256 4007080 4943, base 16/2097152 16, 1/2147483648",
        "1_000_i32.overflowing_mul(10), (1410065408, true)",
        "2026-11-16 12:30, 16.11.2026, 1999-2003, 12,345,678,901, 3.14159265358",
        "978-0-306-40615-7, ISBN 0306406152, ISSN 2049-3630, 550e8400-e29b-41d4-a716-446655440000",
        "$2127365000, €212 736 5000, 2127365000%",
    ],
)
def test_leaves_numbers_of_other_things(finds, text):
    assert finds(text, "phone") == []


def test_one_number_has_one_value(values):
    text = "(212) 736-5000, 212.736.5000, +1 212 736 5000, 212-736-5000 x7"
    assert {value for _, value in values(text, "phone")} == {"+12127365000"}


def test_a_recogniser_may_have_its_own_regions(finds):
    assert finds("+49 30 901820, 030 901820", {"kind": "phone", "regions": ["DE"]}) == [
        "+49 30 901820",
        "030 901820",
    ]
