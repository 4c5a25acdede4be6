from __future__ import annotations

import numpy as np
import pytest

from penstock.process.clean.boilerplate_lines import BoilerplateLines
from penstock.text import c4_phrases
from penstock.text.kernel.c4 import JAVASCRIPT, LOREM, POLICY, find_phrases
from penstock.text.reference.c4 import c4

KINDS = {
    c4_phrases.LOREM: LOREM, c4_phrases.JAVASCRIPT: JAVASCRIPT, **dict.fromkeys(c4_phrases.POLICY, POLICY)
}  # fmt: skip


@pytest.mark.parametrize(("phrase", "kind"), KINDS.items())
def test_the_kernel_finds_each_phrase_in_any_case(phrase: str, kind: int):
    for text, expected in ((phrase, kind), (f"a{phrase.upper()}b", kind), (phrase[:-1], 0), (phrase[1:], 0)):
        data = np.frombuffer(text.encode() + b" ", dtype=np.uint8).copy()
        assert find_phrases(data, 0, len(text)) == expected


@pytest.mark.parametrize("phrase", KINDS)
def test_no_line_with_a_phrase_is_left(phrase: str):
    text = f"One line is here.\nAnother has {phrase} in it."
    reason, left = c4(text, min_sentences=0)
    assert reason or left == "One line is here."
    assert phrase in BoilerplateLines().prepare(lambda _: b"")["phrases"].decode().replace("\\ ", " ")
