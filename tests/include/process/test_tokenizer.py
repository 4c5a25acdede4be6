from __future__ import annotations

import pytest

from penstock.process.tokenizer import MAX_CHARS, han_runs, tokenize
from support.growth import assert_in_proportion


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("", None, ()),
        ("   \n\t", "en", ()),
        ("!!! ... ???", "en", ()),
        ("\U0001f600\U0001f680", "en", ()),
        ("Don't stop: it's 'well-known'.", "en", ("Don't", "stop", "it's", "well-known")),
        ("don’t", "en", ("don’t",)),
        ("-a- --b 'c'", "en", ("a", "b", "c")),
        ("snake_case 3.5 e-mail2", "en", ("snake", "case", "3", "5", "e-mail2")),
        ("Schöne Größe", "de", ("Schöne", "Größe")),
        ("مرحبا بالعالم", "ar", ("مرحبا", "بالعالم")),
        ("a\u0000b", "en", ("a", "b")),
        ("质量很好,我喜欢", "zh", ("质量", "很", "好", "我", "喜欢")),
        ("我有iPhone12和电脑", None, ("我", "有", "iPhone12", "和", "电脑")),
        ("我爱 don't", "zh", ("我", "爱", "don't")),
    ],
)
def test_finds_words(text, language, expected):
    assert tokenize(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("東京都に住んでいます。", "ja", ("東京", "都", "に", "住ん", "で", "い", "ます")),
        ("私はiPhone12とdon't", "ja", ("私", "は", "iPhone12", "と", "don't")),
        ("コーヒーを", "ja", ("コーヒー", "を")),
        ("ผมรักประเทศไทย และ Bangkok", "th", ("ผม", "รัก", "ประเทศ", "ไทย", "และ", "Bangkok")),
        ("東京都に", "fr", ("東京都に",)),
        ("", "ja", ()),
        ("", "th", ()),
    ],
)
def test_scripts_without_blanks_are_segmented_in_their_language(text, language, expected):
    assert tokenize(text, language) == expected


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("run", "language"), [("ก" * 20_000, "th"), ("ผมรัก" * 4000, "th"), ("あ" * 3000, "ja")]
)
def test_an_endless_run_ends(run, language):
    assert "".join(tokenize(run, language)) == run


def test_runs_of_han_characters_are_found():
    assert han_runs("我爱 you 北京") == ["我爱", "北京"]


@pytest.mark.parametrize("unit", ["word ", "我爱北京天安门。", "a", "-'", "1.1.1.1 "])
def test_the_longest_text_that_is_tokenised_takes_time_in_proportion(unit):
    tokenize("warm")
    text = (unit * (MAX_CHARS // len(unit) + 1))[:MAX_CHARS]
    assert_in_proportion(lambda size: tokenize(text[:size], None), MAX_CHARS)


def test_a_long_run_of_one_character_takes_time_in_proportion():
    tokenize("漢字")
    assert "".join(tokenize("漢" * 100_000)) == "漢" * 100_000
    assert_in_proportion(lambda size: tokenize("漢" * size), 100_000)
