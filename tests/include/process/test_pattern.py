from __future__ import annotations

import pytest

from penstock.process import pattern
from support.growth import assert_in_proportion


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ("(?<=a)b", "invalid perl operator"),
        (r"(a)\1", "invalid escape"),
        ("[", "missing ]"),
        ("a{2000}", "repetition"),
    ],
)
def test_what_re2_refuses_is_said_with_its_reason(refused, message):
    with pytest.raises(ValueError, match=message):
        pattern.check(refused)


@pytest.mark.parametrize("adversarial", ["(a+)+$", "(a|aa)+$", "(.*)*x", "(?:a?){50}a{50}", "([a-z]+)*!"])
def test_an_adversarial_pattern_takes_linear_time(adversarial):
    compiled = pattern.compiled(pattern.check(adversarial))
    assert_in_proportion(lambda size: compiled.search(b"a" * size + b"\n"), 200_000)


def test_replaces_in_any_script():
    assert pattern.replace(r"(\pL+)@\pL+", r"<\1>", "né ab@x") == "né <ab>"
    assert pattern.replace("b", "", "a\ud800b") == "a?"


def test_escapes_what_means_something():
    assert pattern.compiled(pattern.escape("a.b|é")).search(pattern.to_bytes("x a.b|é")) is not None
    assert pattern.compiled(pattern.escape("a.b")).search(b"axb") is None
