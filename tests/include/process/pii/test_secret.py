from __future__ import annotations

import base64
import json
import re

import pytest

from penstock.errors import RecipeError
from penstock.process.pii import secret
from penstock.process.pii.pieces import compiled

BEGIN, END = "-----BEGIN" + " RSA PRIVATE KEY-----", "-----END" + " RSA PRIVATE KEY-----"
BODY = "\n".join(["MIIEowIBAAKCAQEA7bq5Yc1rj0vJ3mK8sVw2Xz9QpLtUeHdRfGaNbCoIiPkS"] * 3)
KEY = f"{BEGIN}\n{BODY}\n{END}"


def jwt() -> str:
    head = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in ({"alg": "HS256"}, {"sub": "7"})]
    parts = [part.rstrip(b"=").decode() for part in head]
    return ".".join([*parts, "4twFt5NiznN84AWoo1d7KO1T_yoc0Z6XOpOVswacPZg"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"before {KEY} after", [KEY]),
        (f"{BEGIN}\n{BODY}\n; then", [f"{BEGIN}\n{BODY}\n"]),
        (f"{BEGIN}\n...\n{END}", []),
        (f"a line such as {BEGIN} begins one", []),
        ("id AKIA" + "Z3MKXQ7PLVN5TW2B, next", ["AKIA" + "Z3MKXQ7PLVN5TW2B"]),
        (
            "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8",
            ["ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"],
        ),
        ("glpat-" + "x9Kd83mQpL20vTzYw7Ab", ["glpat-" + "x9Kd83mQpL20vTzYw7Ab"]),
        (f"Bearer {jwt()}.", [jwt()]),
        ("eyJhbGciOi.eyJ.x", []),
        ("API_KEY = 'q8Zr2Lw9TxVb4NcM7pKs'", ["q8Zr2Lw9TxVb4NcM7pKs"]),
        ("client_secret: 9f86d081884c7d659a2feaa0c55ad015", ["9f86d081884c7d659a2feaa0c55ad015"]),
        ("with password 'LegacyAccess#2023' to", ["LegacyAccess#2023"]),
        ("her password !PurpleSky77.", ["!PurpleSky77"]),
        ("token=" + "k3J9x" + "Qp2VzR8mW1c", ["k3J9xQp2VzR8mW1c"]),
        ("密码：Qr7!dke#39", []),  # a full-width colon is no assignment of a program
    ],
)
def test_finds_what_opens_something(finds, text, found):
    assert finds(text, "secret") == found


@pytest.mark.parametrize(
    "text",
    [
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709, id 550e8400-e29b-41d4-a716-446655440000",
        "penstock/x.py,sha256=4Rz0mT5VYx0Y3l7oQeWn8CkSx2mB1jN6uKpHdGfAqLs,1234",
        "password = os.environ['PASSWORD'], token=${TOKEN}, secret: <your-secret>, api_key=YOUR_API_KEY",
        "password: password, pwd=changeme, token = get_token(), the token is valid",
        "the password is MD5-encrypted, password: 12345678901, keyboard: qwertyuiop",
        "GitLabTokenDetector\nBase64HighEntropyString",
        "voipms://password:email/FromPhoneNo/ToPhoneNo1/ToPhoneNo2",
        "primary key: user_id_of_the_2nd_table, KeyError: 'customer_reference_no1'",
        "APACHECONFIGURATION and ACCESSIBILITY, data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA",
    ],
)
def test_leaves_hashes_words_and_stand_ins(finds, text):
    assert finds(text, "secret") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("postgres://ann:s3cr3t@db:5432/x", ["ann:s3cr3t"]),
        ("redis://:hunter2@cache, https://a:b%40c@example.com/", [":hunter2", "a:b%40c"]),
        ("https://user:password@host, mysql://u:${PW}@h, gups://AppName:ApiKey@x, https://x:***@y", []),
        ("https://example.com:8080/a@b, http://[::1]:80/", []),
    ],
)
def test_finds_credentials_in_urls(finds, text, found):
    assert finds(text, "url_credentials") == found


def test_every_rule_of_detect_secrets_runs_in_linear_time():
    rules = list(secret._denylists())
    assert len(rules) > 25
    for rule in rules:
        assert compiled(secret._bounded(rule)).groups == 0


def test_a_library_without_rules_is_an_error(monkeypatch):
    monkeypatch.setattr(secret, "_denylists", lambda: iter(()))
    secret.service_rules.cache_clear()
    try:
        with pytest.raises(RecipeError, match="expected detect-secrets to have rules"):
            secret.service_rules()
    finally:
        secret.service_rules.cache_clear()


def test_an_edge_of_a_rule_becomes_a_boundary():
    assert secret._bounded(re.compile(r"gl-([a-z]{3})(?!\w)")) == r"(?:\bgl-(?:[a-z]{3})\b)"
