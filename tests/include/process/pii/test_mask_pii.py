from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from penstock.process.pii.mask_pii import MaskPii


@pytest.mark.parametrize(
    ("text", "masked", "counts"),
    [
        (None, None, {}),
        ("", "", {}),
        ("nothing here", "nothing here", {}),
        ("write to ann.b+c@mail.example.co.uk.", "write to <EMAIL>.", {"email": 1}),
        ("a@b.io, a@b.io; <a@b.io>", "<EMAIL>, <EMAIL>; <<EMAIL>>", {"email": 3}),
        ("联系foo_bar@qq.com谢谢", "联系<EMAIL>谢谢", {"email": 1}),
        ("MAILTO:Ann@EXAMPLE.COM", "MAILTO:<EMAIL>", {"email": 1}),
        ("call (112) 555-0123 now", "call (112) 555-0123 now", {}),  # no area code begins with 1
        ("call (212) 736-5000 now", "call <PHONE> now", {"phone": 1}),
        ("212-736-5000 or 212.736.5000", "<PHONE> or <PHONE>", {"phone": 2}),
        ("+44 20 7946 0018, +86 138 0013 8000", "<PHONE>, <PHONE>", {"phone": 2}),
        ("手机13800138000。", "手机<PHONE>。", {"phone": 1}),
        ("from 8.8.8.8 to 10.0.0.255:8080", "from <IP> to <IP>:8080", {"ip": 2}),
        ("2001:db8:85a3::8a2e:370:7334 up", "<IP> up", {"ip": 1}),
        ("a@b.io 8.8.8.8 212-736-5000", "<EMAIL> <IP> <PHONE>", {"email": 1, "ip": 1, "phone": 1}),
    ],
)
def test_masks_and_counts(apply_to, text, masked, counts):
    document, verdict = apply_to(MaskPii(), text)
    assert (document["text"], dict(document["masked"]), verdict) == (masked, counts, None)


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3.4 and v10.0.19041.1 and build 6.1.7601.17514",
        "Python 3.11.7, release 1.10.100.1",
        "999.1.1.1 and 256.0.0.1 and 1.2.3.4.5 and 1.2.3",
        "2026-11-16 12:30:45, 16/11/2026, 16.11.2026, 20261116, 20261116 123045, 1999-2003",
        "$1,234,567.89 and 1,234,567 and €12345678 and 3.14159265358979",
        "pi is 3.1415926535, e 2.7182818284",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "550e8400-e29b-41d4-a716-446655440000",
        "00:1A:2B:3C:4D:5E at 12:30:45.678 in std::vector<a::b>",
        "ISBN 9780306406157 and #2127365000 and id=2127365000",
        "@handle, user@localhost, a @ b.com, 5@6",
        "scored 100-98, ratio 16:9, 1/2/3, 10 000 000 people",
        "room 1607 1107, love <3333333333, call 566-7747",
        "\U0001f600\U0001f680 שלום 123",
    ],
)
def test_leaves_what_only_looks_alike(apply_to, text):
    document, _ = apply_to(MaskPii(), text)
    assert (document["text"], document["masked"]) == (text, [])


def test_a_second_pass_finds_nothing(apply_to):
    once, _ = apply_to(MaskPii(), "a@b.io 8.8.8.8 212-736-5000")
    twice, _ = apply_to(MaskPii(), once.text)
    assert (twice.text, twice["masked"]) == (once.text, [])


def test_only_the_kinds_that_were_asked_for_are_masked(apply_to):
    document, _ = apply_to(MaskPii(kinds=("ip",)), "a@b.io 8.8.8.8")
    assert document.text == "a@b.io <IP>"


def test_national_numbers_are_those_of_the_regions(apply_to):
    text = "030 901820 and 212-736-5000"
    assert apply_to(MaskPii(phone_regions=("DE",)), text)[0].text.startswith("<PHONE> and ")
    assert (
        apply_to(MaskPii(phone_regions=()), "212-736-5000 +1 212 736 5000")[0].text == "212-736-5000 <PHONE>"
    )


def test_refuses_a_region_that_is_no_code():
    with pytest.raises(ValidationError, match="two capital letters, got usa"):
        MaskPii(phone_regions=("usa",))


@pytest.mark.parametrize("unit", ["1", "1.", "a", "a@", "a.", "@a.", ":", "a:", "1 ", "(1) ", "+1-"])
def test_a_hostile_text_takes_bounded_time(apply_to, unit):
    started = time.process_time()
    apply_to(MaskPii(), unit * 300_000)
    assert time.process_time() - started < 15
