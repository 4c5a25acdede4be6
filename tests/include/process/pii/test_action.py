from __future__ import annotations

import re

import pytest

from penstock.errors import RecipeError
from penstock.process.pii.action import PLACEHOLDER, Action, PseudonymKey, key_of, replacement

SECRET = "0123456789abcdef" * 2


def test_a_token_is_the_same_for_the_same_value_and_key_only():
    key, other = PseudonymKey(SECRET), PseudonymKey(SECRET[::-1])
    assert key.token("email", "a@b.io") == PseudonymKey(SECRET).token("email", "a@b.io")
    assert (
        len(
            {
                key.token("email", "a@b.io"),
                key.token("email", "b@b.io"),
                key.token("phone", "a@b.io"),
                other.token("email", "a@b.io"),
            }
        )
        == 4
    )
    assert re.fullmatch(PLACEHOLDER, key.token("us_ssn", "1"))


def test_the_id_of_the_key_stands_in_the_token_and_the_secret_nowhere():
    key = PseudonymKey(SECRET)
    assert key.token("email", "x").startswith(f"<EMAIL:{key.id}:")
    assert key.id != PseudonymKey(SECRET + "0").id
    assert SECRET not in repr(key) + str(key) + key.token("email", SECRET)
    assert key_of(SECRET, "k") is key_of(SECRET, "k")


def test_a_short_secret_is_refused_and_not_repeated():
    with pytest.raises(RecipeError, match=r"connection k: .* at least 32 characters, got 5") as caught:
        PseudonymKey("short", where="k")
    assert "short" not in str(caught.value)


@pytest.mark.parametrize(
    ("action", "put"),
    [
        (Action.MASK, "***.*+*@é-*.**".replace("é", "*")),
        (Action.PLACEHOLDER, "<EMAIL>"),
        (Action.DROP, "<EMAIL>"),
    ],
)
def test_what_stands_in_the_place_of_a_text(action, put):
    assert replacement(action, "email", "Ann.b+c@é-1.io", "x", None) == put
