from __future__ import annotations

import pytest

from penstock.process.tokens import Tokens


@pytest.mark.parametrize(
    ("lowercase", "text", "lang", "expected"),
    [
        (False, "Good Day", "en", ["Good", "Day"]),
        (True, "Good ÉTÉ", "fr", ["good", "été"]),
        (True, "质量很好", "zh", ["质量", "很", "好"]),
        (True, None, None, []),
        (True, "", None, []),
    ],
)
def test_sets_the_words(apply_to, lowercase, text, lang, expected):
    document, verdict = apply_to(Tokens(lowercase=lowercase), text, lang=lang)
    assert (document["tokens"], verdict) == (expected, None)
