from __future__ import annotations

import base64
import hashlib

import pytest

from penstock.archive import digest

BODY = b"hello"
SHA1 = hashlib.sha1(BODY).digest()


@pytest.mark.parametrize(
    ("promised", "expected"),
    [
        (f"sha1:{base64.b32encode(SHA1).decode()}", "ok"),
        (f"SHA-1:{base64.b32encode(SHA1).decode().lower()}", "ok"),
        (f"sha1:{SHA1.hex()}", "ok"),
        (f"sha1:{base64.b64encode(SHA1).decode()}", "ok"),
        (f"sha256:{hashlib.sha256(BODY).hexdigest()}", "ok"),
        (f"sha256:{base64.b32encode(hashlib.sha256(BODY).digest()).decode().rstrip('=')}", "ok"),
        (f"md5:{hashlib.md5(BODY).hexdigest().upper()}", "ok"),
        ("sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "wrong"),
        ("sha1:", "wrong"), ("sha1:~~", "wrong"), ("sha1:zz" + "z" * 38, "wrong"),
        ("whirlpool:abc", "unknown_algorithm"),
        (None, "missing"), ("", "missing"), ("abc", "missing"),
    ],
)  # fmt: skip
def test_compares_in_every_spelling(promised, expected):
    assert digest.check(promised, [BODY]) == expected


def test_one_of_several_contents_may_be_the_right_one():
    assert digest.check(f"sha1:{SHA1.hex()}", [b"5\r\nhello\r\n0\r\n", BODY]) == "ok"
