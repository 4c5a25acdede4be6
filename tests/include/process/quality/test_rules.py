from __future__ import annotations

import pytest

from penstock.process.document import Document
from penstock.process.quality.rules.registry import SOURCES, all_rules, find_rule, rules_of
from penstock.process.quality.rules.special import refined
from penstock.process.quality.rules.view import View
from support.golden_rules import GOLDEN, TEXTS, UNSTABLE

SIZED = [(rule, n) for rule in all_rules().values() for n in rule.bounds]
WITHOUT_GOLDEN = {"letter_share", "mean_line_length", "longest_line", "xml_header", "line_count"}


def measured(name: str, definition: str, text: str, n: int = 0, **values: object) -> float | None:
    view = View(Document({"text": text, **values}), 1_000_000)
    return find_rule(name, definition).measure(view, n)


@pytest.mark.parametrize(("rule", "n"), SIZED, ids=lambda v: getattr(v, "name", str(v)))
def test_measures_what_the_tool_measures(rule, n):
    expected = GOLDEN.get(rule.definition, {}).get(rule.key(n))
    if expected is None:
        assert rule.name in WITHOUT_GOLDEN
        return
    for text, value in zip(TEXTS, expected, strict=True):
        if value != UNSTABLE:
            assert measured(rule.name, rule.definition, text, n) == (value and pytest.approx(value, abs=1e-9))


def test_every_golden_value_has_its_rule():
    ours = {(rule.definition, rule.key(n)) for rule, n in SIZED}
    assert {(tool, key) for tool, keys in GOLDEN.items() for key in keys} <= ours


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("letter_share", "ab12é?", 0.5), ("letter_share", "", 0.0),
        ("mean_line_length", "abc\n\nabcdef", 3.0), ("mean_line_length", "", 0.0),
        ("longest_line", "abc\n\nabcdef\n", 6), ("longest_line", "", 0),
        ("xml_header", '<?xml version="1.0"?><a/>', 1), ("xml_header", " " * 100 + "<?xml version=", 0),
    ],
)  # fmt: skip
def test_measures_code_as_its_papers_say(name, text, expected):
    assert measured(name, "starcoder", text) == pytest.approx(expected)


@pytest.mark.parametrize(("rule", "n"), SIZED, ids=lambda v: getattr(v, "name", str(v)))
@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00", "\ud800", "a", "\u200b" * 3])
def test_an_odd_text_is_measured_or_has_no_number(rule, n, text):
    value = rule.measure(View(Document({"text": text}), 1_000_000), n)
    assert value is None or value >= 0


def test_words_of_a_language_without_blanks_are_its_tokens():
    text = "这家酒店的服务态度非常好"
    assert measured("word_count", "nemo_curator", text) == 1
    assert measured("word_count", "nemo_curator", text, lang="zh") > 4


def test_only_the_first_characters_are_looked_at():
    assert find_rule("text_length", "data_juicer").measure(View(Document({"text": "abcdef"}), 4), 0) == 4


def test_a_rule_says_what_it_computes_and_where_its_bounds_are_from():
    for rule in all_rules().values():
        assert len(rule.says) > 10
        assert rule.definition in SOURCES


def test_the_28_of_nemo_curator_and_the_check_for_adult_addresses_have_bounds():
    names = [rule.key(n) for rule in rules_of("nemo_curator") for n in rule.bounds]
    assert len(names) == 29
    assert "adult_urls" in names


def test_an_unknown_rule_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"got 'word_cuont'; did you mean word_count\?"):
        find_rule("word_cuont", "dolma")
    with pytest.raises(ValueError, match="short_line_share is defined by dolma"):
        find_rule("short_line_share", "nemo_curator")
    with pytest.raises(ValueError, match="the rules are: "):
        find_rule("xyz", "dolma")


def test_refined_words_have_no_signs_around():
    assert refined(["“tea”", "...", "well-known,", "12", "👍ok👍", "plain"]) == [
        "tea",
        "well-known",
        "ok",
        "plain",
    ]
