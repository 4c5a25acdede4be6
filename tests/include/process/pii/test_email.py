from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ann <ann@mail.example.org>, bob@x-y.io;", ["ann@mail.example.org", "bob@x-y.io"]),
        ("请发邮件到ann@example.com谢谢", ["ann@example.com"]),
        ("(o'neil+spam@uni.ac.uk).", ["o'neil+spam@uni.ac.uk"]),
        ("ann@example.com\x00bob@example.com", ["ann@example.com", "bob@example.com"]),
        ("icon@2x.png, logo@3x.svg and git@github.com:a/b", []),
        ("user@localhost, @handle, a @ b.io, x@y.z1", []),
        ("pkg@1.2.3 and lodash@4.17.21", []),
        (f"{'a' * 65}@b.io and {'a' * 64}@b.io", [f"{'a' * 64}@b.io"]),
        (f"a@{'b' * 64}.io", []),
    ],
)
def test_finds_addresses_and_nothing_that_only_has_an_at_sign(finds, text, found):
    assert finds(text, "email") == found


def test_the_value_has_no_capitals(values):
    assert values("ANN@Example.COM", "email") == [("email", "ann@example.com")]
