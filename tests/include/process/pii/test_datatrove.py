"""The definition of datatrove: compared with its two expressions (PIIFormatter of 0.10.1), run by `re`."""

from __future__ import annotations

import ipaddress
import itertools
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.process.pii.datatrove import EMAILS, IPS, replace_all
from penstock.process.pii.mask_pii import MaskPii

BYTE = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL = re.compile(
    rf"\b{ATOM}(?:\.{ATOM})*@(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    rf"|\[(?:{BYTE}\.){{3}}(?:{BYTE}|[A-Za-z0-9-]*[A-Za-z0-9]:)])"
)
IP = re.compile(rf"(?:{BYTE}\.){{3}}{BYTE}")


def reference(text: str) -> tuple[str, dict[str, int]]:
    counts = {"email": 0, "ip": 0}

    def substitute(pattern: re.Pattern[str], text: str, kind: str, replacements: tuple[str, ...]) -> str:
        circle = itertools.cycle(replacements)

        def put(found: re.Match[str]) -> str:
            if kind == "ip":
                try:
                    if not ipaddress.ip_address(found.group()).is_global:
                        return found.group()
                except ValueError:
                    return found.group()
            counts[kind] += 1
            return next(circle)

        return pattern.sub(put, text)

    text = substitute(IP, substitute(EMAIL, text, "email", EMAILS), "ip", IPS)
    return text, {kind: count for kind, count in counts.items() if count}


CASES = [
    "", "a@b.io", "x a.b@c.d, e@f.g", "..a..b@c.d", "a.@b.io", ".a@b.io", "é'a@b.io", "éa@b.io",
    "联系a@b.io谢", "a@b", "@@b.io@c.io", "a@b.io@c.io", "a@b-.io a@-b.io a@b--c.io",
    "a@[1.2.3.4] a@[1.2.3.x:] a@[1.2.3.]", "a@b.io.", "-a@b.io '-a@b.io", "_a@b.io ²a@b.io",
    "8.8.8.8 10.0.0.1 1.2.3.4.5.6.7.8 08.8.8.8 256.8.8.8 8.8.8.888", "a@8.8.8.8 8.8.8.8@b.io",
    "x@y.z 8.8.8.8 " * 8,
]  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_does_what_datatrove_does(text):
    assert next(replace_all([text])) == reference(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.text(alphabet="ab.@-'_é²中1258 [:]!", max_size=40), max_size=4))
def test_does_so_for_any_text(texts):
    assert list(replace_all(texts)) == [reference(text) for text in texts]


@pytest.mark.parametrize("unit", ["@", "a@", "a!", "a.", "..a", "1.", "1.1.1.1", "a@b.c", "a@b-", "é@"])
def test_takes_linear_time(unit):
    started = time.process_time()
    list(replace_all([unit * (1_000_000 // len(unit))]))
    assert time.process_time() - started < 5


def test_as_a_step(apply_to):
    step = MaskPii(definition="datatrove")
    document, verdict = apply_to(step, "write a.b@c.de from 8.8.8.8 or 10.0.0.1")
    assert document.text == f"write {EMAILS[0]} from {IPS[0]} or 10.0.0.1"
    assert (dict(document["masked"]), verdict) == ({"email": 1, "ip": 1}, None)
    assert "pii_sample" not in step.adds()
    with pytest.raises(ValueError, match="definition datatrove: expected no kinds"):
        MaskPii(definition="datatrove", kinds=("email",))
    with pytest.raises(ValueError, match="definition datatrove: expected no kinds"):
        MaskPii(definition="datatrove", kinds=("email", "phone", {"kind": "ip", "public_only": True}))
