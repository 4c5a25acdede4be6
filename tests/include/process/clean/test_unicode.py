from __future__ import annotations

import pytest

from penstock.process.clean.unicode import Unicode


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ({}, None, None),
        ({}, "", ""),
        ({}, "plain", "plain"),
        ({}, "nul\x00 bell\x07 del\x7f c1\x9b", "nul bell del c1"),
        ({}, "\ufeffbom", "bom"),
        ({}, "cafe\u0301", "caf\u00e9"),
        ({}, "ﬁ ２", "ﬁ ２"),
        ({"form": "NFKC"}, "ﬁ ２", "fi 2"),
        ({"form": "none"}, "cafe\u0301", "cafe\u0301"),
        ({}, "a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"),
        ({}, "lone \ud800 surrogate", "lone \ufffd surrogate"),
        ({}, "fam \U0001f468\u200d\U0001f469 \u200fמזל", "fam \U0001f468\u200d\U0001f469 \u200fמזל"),
        ({}, "Tom &amp; Jerry", "Tom &amp; Jerry"),
        ({"unescape_html": True}, "Tom &amp; Jerry &lt;3 &amp;amp;", "Tom & Jerry <3 &amp;"),
        ({"unescape_html": True}, "&#0; &#xD800; &nosuch;", "\ufffd \ufffd &nosuch;"),
        ({"unescape_html": True}, "a&#7;b", "ab"),
        ({}, "schÃ¶n", "schÃ¶n"),
        ({"fix_mojibake": True}, "schÃ¶n", "schön"),
    ],
)
def test_gives_one_spelling(apply_to, options, text, expected):
    document, verdict = apply_to(Unicode(**options), text)
    assert (document["text"], verdict) == (expected, None)


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
def test_a_second_pass_changes_nothing(apply_to, form):
    text = "A\u030a \x00 ﬃ &\r\n\u1e9b\u0323"
    once, _ = apply_to(Unicode(form=form), text)
    twice, _ = apply_to(Unicode(form=form), once.text)
    assert once.text == twice.text
