from __future__ import annotations

import pytest

from penstock.process.clean.whitespace import Whitespace
from penstock.process.step import Drop


@pytest.mark.parametrize(
    ("keep_lines", "text", "expected"),
    [
        (False, " a \t b\n\nc\u3000d\u00a0 ", "a b c d"),
        (True, " a \t b \n \n c ", "a b\nc"),
        (True, "a\r\nb\rc", "a\nb\nc"),
        (False, "a", "a"),
    ],
)
def test_collapses_white_space(apply_to, keep_lines, text, expected):
    document, verdict = apply_to(Whitespace(keep_lines=keep_lines), text)
    assert (document.text, verdict) == (expected, None)


@pytest.mark.parametrize("text", [None, "", " \n\t\u3000"])
@pytest.mark.parametrize("keep_lines", [False, True])
def test_drops_what_has_no_text(apply_to, text, keep_lines):
    document, verdict = apply_to(Whitespace(keep_lines=keep_lines), text)
    assert verdict == Drop("empty_text", 0)
    assert document["text"] == text


def test_paragraphs_are_kept_when_asked_for(apply_to):
    step = Whitespace(keep_paragraphs=True)
    assert apply_to(step, " a\u3000 b \n c\r\n\r\n \n\td ")[0].text == "a b\nc\n\nd"
    assert apply_to(step, "\n \n")[1].reason == "empty_text"
