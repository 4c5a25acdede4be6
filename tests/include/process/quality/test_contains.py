from __future__ import annotations

import pytest

from penstock.process.quality.contains import Contains, Suffix


@pytest.mark.parametrize(
    ("position", "text", "stays"),
    [
        ("any", "a tea b", True), ("any", "a b", False), ("prefix", "tea b", True), ("prefix", "a tea", False),
        ("suffix", "a tea", True), ("suffix", "tea b", False), ("any", None, False),
    ],
)  # fmt: skip
def test_keeps_texts_with_it(apply_to, position, text, stays):
    verdict = apply_to(Contains(substring="tea", position=position), text)[1]
    assert (verdict is None) == stays
    assert stays or verdict == ("substring_missing", 0.0, "tea")
    turned = apply_to(Contains(substring="tea", position=position, drop="with"), text)[1]
    assert (turned is None) != stays


def test_keeps_files_by_their_suffix(apply_to):
    step = Suffix(keep=[".TXT", ".md"])
    assert apply_to(step, None, path="a/README.md")[1] is None
    assert apply_to(step, None, path="b.txt")[1] is None
    assert apply_to(step, None, path="c.py")[1] == ("suffix", None, "c.py")
    assert apply_to(step, None, path=None)[1].detail is None
