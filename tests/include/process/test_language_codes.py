from __future__ import annotations

import pytest

from penstock.process.language_codes import short_code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("eng_Latn", "en"), ("deu", "de"), ("cmn_Hani", "zh"), ("zho_Hans", "zh"), ("arb_Arab", "ar"),
        ("arz_Arab", "arz"), ("tgl_Latn", "tl"), ("twi_Latn", "tw"), ("yue_Hant", "yue"), ("en", "en"), ("pt-BR", "pt"),
        ("ENG_Latn", "en"), ("und_Mroo", "und"), ("", ""),
    ],
)  # fmt: skip
def test_a_label_has_the_shortest_code_of_its_language(label, code):
    assert short_code(label) == code
