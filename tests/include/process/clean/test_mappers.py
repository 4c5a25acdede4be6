"""The steps of `penstock.process.clean`: boilerplate_lines, chinese_script, hyphenation, license_headers, long_words,
mapper, navigation_lines, punctuation, repeated_lines, replace_pattern, tables."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.process.clean.boilerplate_lines import BoilerplateLines
from penstock.process.clean.chinese_script import ChineseScript
from penstock.process.clean.hyphenation import Hyphenation
from penstock.process.clean.license_headers import LicenseHeaders
from penstock.process.clean.long_words import LongWords
from penstock.process.clean.navigation_lines import NavigationLines
from penstock.process.clean.punctuation import Punctuation
from penstock.process.clean.repeated_lines import RepeatedLines
from penstock.process.clean.replace_pattern import PRESETS, ReplacePattern
from penstock.process.clean.tables import Tables

MENU = NavigationLines(min_parts=3)
RUN = NavigationLines(min_run=3)
MIT = "/*\n * Copyright (c) 2020 Someone\n */\n"
ALL = [
    BoilerplateLines(), ChineseScript(), Hyphenation(), LicenseHeaders(), LicenseHeaders(definition="data_juicer"),
    LongWords(max_chars=10), MENU, RUN, Punctuation(), Punctuation(definition="data_juicer"), RepeatedLines(), Tables(),
    *(ReplacePattern(preset=name) for name in PRESETS),
]  # fmt: skip

SAME = None

CASES = [
    (BoilerplateLines(), "Real text.\nPlease enable JavaScript!\nMore.", "Real text.\nMore."),
    (BoilerplateLines(max_chars=20), "This site uses cookies.\nUses cookies", "This site uses cookies."),
    (BoilerplateLines(phrases=["share this"]), "a\nSHARE THIS page\nuse cookies", "a\nuse cookies"),
    (ChineseScript(), "漢字與電腦 ok", "汉字与电脑 ok"),
    (ChineseScript(conversion="s2t"), "汉字", "漢字"),
    (Hyphenation(), "an exam-\nple of it\nand well-known", "an example\nof it\nand well-known"),
    (Hyphenation(), "Anglo-\nSaxon, 3-\n4, a -\nb, soft\u00adly", "Anglo-\nSaxon, 3-\n4, a -\nb, softly"),
    (LicenseHeaders(), MIT + "int main() {}\n", "int main() {}\n"),
    (LicenseHeaders(), "#!/bin/sh\n# Copyright 2020\n# All rights reserved.\n\necho ok", "#!/bin/sh\necho ok"),
    (LicenseHeaders(), "/* what it does */\n" + MIT + "x = 1", "/* what it does */\nx = 1"),
    (LicenseHeaders(), "// adds numbers\nint f();  // copyright of nobody", SAME),
    (LicenseHeaders(), "© 2020 Example.\n\nThe text.\n\nMore.\n\nAll rights reserved.", "The text.\n\nMore."),
    (LicenseHeaders(), "A page about copyright law.", SAME),
    (LicenseHeaders(definition="data_juicer"), "# any comment\n\n-- too\ncode", "code"),
    (LicenseHeaders(definition="data_juicer"), "a /* COPYRIGHT */ b /* c */", "a  b /* c */"),
    (LicenseHeaders(definition="data_juicer"), "# x\n/* no notice */ b", SAME),
    (LongWords(max_chars=5), "a abcdef (abcde) \tabcd\nab", "a  (abcde) \tabcd\nab"),
    (MENU, "Home | News | About us\nText | one bar\nHome › News › Sport › Ball\nprose", "Text | one bar\nprose"),
    (MENU, "either this or that way of life | is right | nobody knows", SAME),
    (RUN, "Home\nNews\n\nContact\nThis is the first sentence of the page.", "This is the first sentence of the page."),
    (RUN, "Home\nNews\nThis is the first sentence.\nShort.\nToo.\nThree.", SAME),
    (RUN, "\n\n\n\ntext", SAME),
    (Punctuation(), "“a” ‘b’ «c» – …", "\"a\" 'b' «c» – …"),
    (Punctuation(kinds=("angle_quotes", "dashes", "ellipses")), "«c» ‹d› – 2−1 …", "\"c\" 'd' - 2-1 ..."),
    (Punctuation(kinds=("bullets",)), "• one\n  ▪ two\nthree • four\n* five", "- one\n  - two\nthree • four\n- five"),
    (Punctuation(kinds=("full_width",)), "ＡＢ１，好。", "AB1,好."),
    (Punctuation(definition="data_juicer"), "“好”，１…％ — x", "\"好\",\"...%  -  x"),
    (RepeatedLines(), "a\nb\na \n\nc\n\nB", "a\nb\n\nc\n\nB"),
    (RepeatedLines(ignore_case=True, min_chars=2), "ab\nAB\n}\n}", "ab\n}\n}"),
    (RepeatedLines(consecutive=True), "a\na\nb\na", "a\nb\na"),
    (RepeatedLines(unit="paragraph"), "a\nb\n\nc\n\na\nb", "a\nb\n\nc"),
    (ReplacePattern(preset="urls"), "see https://a.example/x?y=(1). And www.b.example, ok", "see . And , ok"),
    (ReplacePattern(preset="urls", replacement="<URL>"), "看http://a.example。好", "看<URL>。好"),
    (ReplacePattern(preset="emails"), "Write to a.b+c@mail.example.org now", "Write to  now"),
    (ReplacePattern(preset="citations"), "True[1] and[citation needed] so[edit].", "True and so."),
    (ReplacePattern(preset="shapes"), "■ a ◆", " a "),
    (ReplacePattern(preset="html_tags"), "a <b class='x'>c</b> 1 < 2 > 0", "a c 1 < 2 > 0"),
    (ReplacePattern(preset="html_comments"), "a<!-- b\nc -->d", "ad"),
    (ReplacePattern(preset="latex_bibliography"), "text \\begin{thebibliography}{9}\n refs", "text "),
    (ReplacePattern(preset="invisible"), "zero\u200bwidth, joined a\u200db", "zerowidth, joined a\u200db"),
    (ReplacePattern(pattern=r"(\d+) EUR", replacement=r"€\1"), "12 EUR", "€12"),
    # by Data-Juicer 1.6.1's own code: clean_copyright_mapper, punctuation_normalization_mapper
    (LicenseHeaders(definition="data_juicer"), "x /* no */ /* copyright */", SAME),
    (LicenseHeaders(definition="data_juicer"), "// a\n-- b\n\n# c\nx = 1\n", "x = 1\n"),
    (Punctuation(definition="data_juicer"), "«c» ～ 。、（）【】►━–．：", '"c" ~ .,()[]---. :'),
    (Tables(), "before\n| a | b |\n|---|---|\n| 1 | 2 |\nafter a | b", "before"),
    (Tables(), "before\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nx or y | z", "before\n\n\nx or y | z"),
    (Tables(), "a <TABLE><tr><table>x</table></tr></TABLE > b <table> c", "a  b <table> c"),
    (Tables(), "a\n{| class=x\n| b\n{|\n|}\n|}\nc\n{| open", "a\nc\n{| open"),
    (Tables(), "a\n+---+---+\n| b | c |\n+===+===+\n| d | e |\n+---+---+\nf", "a\nf"),
    (Tables(), "Title\n=====\n\n=== ===\na   b\n=== ===\n1   2\n=== ===\n\nf", "Title\n=====\n\n\nf"),
    (Tables(), "x\na\tb\nc\td\ne\tf\ny\n\tindented", "x\ny\n\tindented"),
    (Tables(kinds=("html",)), "|a|\n|-|", "|a|\n|-|"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "text", "expected"), CASES)
def test_changes_what_it_says(apply_to, step, text, expected):
    document, verdict = apply_to(step, text)
    assert (document["text"], verdict) == (text if expected is SAME else expected, None)


@pytest.mark.parametrize("step", ALL, ids=lambda s: s.kind)
@pytest.mark.parametrize("text", [None, "", "Nothing of it is in here, so it stays."])
def test_a_text_without_it_stays_as_it_is(apply_to, step, text):
    document, verdict = apply_to(step, text)
    assert (document["text"], verdict) == (text, None)


def test_a_text_that_does_not_change_keeps_its_words(apply_to):
    document, _ = apply_to(RepeatedLines(), "a b")
    words = document.tokens
    RepeatedLines().apply(document, None)
    assert document.tokens is words


def test_japanese_is_left_alone(apply_to):
    assert apply_to(ChineseScript(), "漢字", lang="ja")[0].text == "漢字"
    assert apply_to(ChineseScript(), "漢字", lang="zh")[0].text == "汉字"


@pytest.mark.parametrize(
    ("step", "params", "message"),
    [
        (ReplacePattern, {}, "either a pattern or a preset"),
        (ReplacePattern, {"preset": "urls", "pattern": "a"}, "either a pattern or a preset"),
        (ReplacePattern, {"pattern": "(?=a)"}, "pattern of RE2"),
        (ReplacePattern, {"pattern": "a", "replacement": r"\2"}, "expected at most group 0"),
        (NavigationLines, {}, "min_parts or min_run"),
    ],
)
def test_wrong_parameters_are_refused(step, params, message):
    with pytest.raises(ValidationError, match=message):
        step(**params)
