"""The rules (c4, duplicates, fineweb, quality, repetition, sentences) and their chain against the specification."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings

from penstock.text.kernel import codes
from penstock.text.kernel.program import Outcome, Program, Rule
from penstock.text.reference.c4 import c4, c4_paragraphs
from penstock.text.reference.fineweb import fineweb, fineweb_reason
from penstock.text.reference.quality import STOP_WORDS, quality, quality_reason
from penstock.text.reference.repetition import repetition, repetition_reason
from support.texts import TEXTS, packed, texts

REPETITION = {
    "dup_para_frac": 0.3, "dup_para_char_frac": 0.2, "dup_line_frac": 0.3, "dup_line_char_frac": 0.2, "top_2_gram": 0.2,
    "top_3_gram": 0.18, "top_4_gram": 0.16, "duplicated_5_n_grams": 0.15, "duplicated_6_n_grams": 0.14,
    "duplicated_7_n_grams": 0.13, "duplicated_8_n_grams": 0.12, "duplicated_9_n_grams": 0.11,
    "duplicated_10_n_grams": 0.1,
}  # fmt: skip
METRIC_OF = {reason: codes.DECIDING[code] for code, reason in codes.REASONS.items()}
QUALITY = {
    codes.MIN_WORDS: 50, codes.MAX_WORDS: 100_000, codes.MIN_MEAN: 3, codes.MAX_MEAN: 10, codes.MAX_SYMBOLS: 0.1,
    codes.MAX_BULLETS: 0.9, codes.MAX_ELLIPSES: 0.3, codes.MIN_LETTERS: 0.8, codes.MIN_STOP_WORDS: 2,
}  # fmt: skip
QUALITY_METRICS = {
    "words": codes.WORD_COUNT, "mean_word_length": codes.MEAN_WORD_LENGTH, "hashes": codes.HASHES,
    "ellipses": codes.ELLIPSES, "bullet_lines": codes.BULLET_LINES, "ellipsis_lines": codes.ELLIPSIS_LINES,
    "letter_words": codes.LETTER_WORDS, "stop_words": codes.STOP_WORDS,
}  # fmt: skip
C4 = {
    codes.REMOVE_CITATIONS: 1, codes.NO_TERMINAL_PUNCT: 1, codes.MIN_SENTENCES: 2, codes.MIN_LINE_WORDS: 2,
    codes.MAX_WORD_CHARS: 20, codes.NO_LOREM: 1, codes.NO_JAVASCRIPT: 1, codes.NO_CURLY: 1, codes.NO_POLICY: 1,
    codes.CHANGES_TEXT: 1,
}  # fmt: skip
FINEWEB = {
    codes.LINE_PUNCT_MIN: 0.12, codes.EXCLUDE_ZERO: 0, codes.SHORT_MAX: 0.67, codes.SHORT_CHARS: 30,
    codes.CHAR_DUP_MAX: 0.01, codes.NEW_LINE_MAX: 0.3,
}  # fmt: skip
REPETITION_LIMITS = {METRIC_OF[name]: limit for name, limit in REPETITION.items()}


def run(rules: Sequence[Rule], many: Sequence[str]) -> Outcome:
    data, offsets = packed(many)
    return Program(rules).run(data, offsets[:-1], offsets[1:], np.ones(len(many), dtype=np.bool_))


def reasons(outcome: Outcome) -> list[str | None]:
    return [
        codes.REASONS[code] if step >= 0 else None
        for step, code in zip(outcome.step, outcome.reason, strict=True)
    ]


def text_of(outcome: Outcome, index: int) -> str:
    return outcome.text[outcome.new_starts[index] : outcome.new_stops[index]].tobytes().decode()


def same(found: float, expected: float) -> bool:
    return bool(found == pytest.approx(expected, abs=1e-12)) or (math.isnan(found) and math.isnan(expected))


@settings(max_examples=300, deadline=None)
@given(texts())
def test_repetition(text: str):
    every = run([Rule(codes.REPETITION, REPETITION_LIMITS, exhaustive=True)], [text])
    assert reasons(every) == [repetition_reason(text, REPETITION)]
    assert reasons(run([Rule(codes.REPETITION, REPETITION_LIMITS)], [text])) == reasons(every)
    if text:
        found = {name: every.metrics[0, 0, METRIC_OF[name]] for name in repetition(text)}
        assert found == pytest.approx(repetition(text), abs=1e-12)


@settings(max_examples=300, deadline=None)
@given(texts())
def test_quality(text: str):
    found = run([Rule(codes.QUALITY, QUALITY, exhaustive=True, strings=STOP_WORDS)], [text])
    expected = quality(text)
    assert {n for n, at in QUALITY_METRICS.items() if not same(found.metrics[0, 0, at], expected[n])} == set()
    assert reasons(found) == [quality_reason(text)]


@settings(max_examples=300, deadline=None)
@given(texts())
def test_c4(text: str):
    for terminal in (True, False):
        limits = {**C4, codes.NO_TERMINAL_PUNCT: terminal}
        found = run([Rule(codes.C4, limits)], [text])
        reason, left = c4(text, terminal_punct=terminal, min_sentences=2, min_line_words=2, max_word_chars=20)
        assert reasons(found) == [reason]
        assert reason or text_of(found, 0) == left


@settings(max_examples=300, deadline=None)
@given(texts())
def test_c4_by_sentences(text: str):
    for terminal, least in ((True, 2), (False, 0)):  # an empty sentence at the end stays with the second
        limits = {**C4, codes.NO_TERMINAL_PUNCT: terminal, codes.MIN_LINE_WORDS: least, codes.BY_SENTENCE: 1}
        found = run(
            [Rule(codes.QUALITY, {}), Rule(codes.C4, limits, exhaustive=True), Rule(codes.FINEWEB, {})],
            [text],
        )
        reason, left = c4(
            text,
            split_paragraph=False,
            terminal_punct=terminal,
            min_sentences=2,
            min_line_words=least,
            max_word_chars=20,
        )
        alone = run([Rule(codes.C4, limits)], [text])
        assert reasons(alone) == [reason]
        assert reason or text_of(alone, 0) == left
        behind = reason or ("empty" if not fineweb(left) else None)
        assert reasons(found) == [behind]


def test_sentences_without_blanks_between_them_take_more_room_than_the_text():
    text = f"{'here.There' * 1000}."
    limits = {**C4, codes.MIN_LINE_WORDS: 0, codes.MAX_WORD_CHARS: -1, codes.BY_SENTENCE: 1}
    found = run([Rule(codes.C4, limits)], ["One. Two.", text, "Three. Four."])
    expected = text.replace("here.T", "here. T")
    assert [text_of(found, index) for index in range(3)] == ["One. Two.", expected, "Three. Four."]


@settings(max_examples=300, deadline=None)
@given(texts())
def test_fineweb(text: str):
    found = run([Rule(codes.FINEWEB, FINEWEB, exhaustive=True)], [text])
    assert reasons(found) == [fineweb_reason(text)]
    for name, value in fineweb(text).items():
        assert found.metrics[0, 0, METRIC_OF[name]] == pytest.approx(value, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(texts())
def test_fineweb_with_other_marks(text: str):
    for marks in ((".", "!", "word"), ("。", "…", "\u00e9", "ord.", "\U0001f600")):
        limits = {**FINEWEB, codes.STOP_BYTES: max(len(mark.encode()) for mark in marks)}
        found = run([Rule(codes.FINEWEB, limits, exhaustive=True, strings=marks)], [text])
        assert reasons(found) == [fineweb_reason(text, marks)]
        for name, value in fineweb(text, stop_chars=marks).items():
            assert found.metrics[0, 0, METRIC_OF[name]] == pytest.approx(value, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(texts())
def test_paragraphs(text: str):
    limits = {codes.MIN_PARAGRAPHS: 2, codes.MIN_PARAGRAPH_CHARS: 10}
    left = run([Rule(codes.C4_PARAGRAPHS, limits)], [text]).step[0] < 0
    assert left == c4_paragraphs(text, least=2, chars=10)


def test_rules_see_what_the_rules_before_left():
    many = [*TEXTS, "One is here. Two is here.\nshort\nThree and four. Five is last.", "a b. c d.\n" * 9]
    both = run([Rule(codes.C4, C4), Rule(codes.FINEWEB, FINEWEB)], many)
    alone = run([Rule(codes.C4, C4)], many)
    for index, reason in enumerate(reasons(alone)):
        expected = reason or fineweb_reason(text_of(alone, index))
        assert reasons(both)[index] == expected


def chained() -> list[Rule]:
    return [
        Rule(codes.REPETITION, REPETITION_LIMITS),
        Rule(codes.QUALITY, QUALITY, strings=STOP_WORDS),
        Rule(codes.FINEWEB, FINEWEB),
        Rule(codes.C4, C4),
        Rule(codes.FINEWEB, FINEWEB),
        Rule(codes.QUALITY, {codes.MIN_WORDS: 3}, strings=STOP_WORDS),
    ]


def measured(rules: Sequence[Rule]) -> list[Rule]:
    unchanged = {codes.CHANGES_TEXT: 0}
    return [
        Rule(rule.kind, {**rule.limits, **unchanged} if rule.kind == codes.C4 else rule.limits, False, True,
             rule.strings)
        for rule in rules
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(texts())
def test_a_rule_whose_metrics_were_taken_decides_as_one_that_takes_them(text: str):
    rules, before = chained(), measured(chained()[:4])
    together, alone = run([*before, *rules], [text]), run(rules, [text])
    assert together.step[0] == (alone.step[0] + len(before) if alone.step[0] >= 0 else -1)
    assert reasons(together) == reasons(alone)
    assert same(together.value[0], alone.value[0])
    assert (together.new_starts[0] < 0) == (alone.new_starts[0] < 0)
    if alone.new_starts[0] >= 0:
        assert text_of(together, 0) == text_of(alone, 0)


def test_metrics_are_taken_once_of_the_same_text_with_the_same_limits():
    before = measured(chained()[:4])
    assert Program([*before, *chained()]).taken_by.tolist() == [-1] * 4 + [0, 1, 2, -1, -1, -1]
    other = [
        Rule(codes.REPETITION, {codes.TOP + 7: 0.1}),
        Rule(codes.QUALITY, QUALITY, strings=("other",)),
        Rule(codes.FINEWEB, {**FINEWEB, codes.SHORT_CHARS: 31}),
        Rule(codes.FINEWEB, {**FINEWEB, codes.STOP_BYTES: 1}, strings=(".",)),
        Rule(codes.FINEWEB, {**FINEWEB, codes.SHORT_MAX: 0.1}),
    ]
    assert Program([*before, *other]).taken_by.tolist() == [-1] * 8 + [2]
    assert Program([*chained(), *chained()]).taken_by.tolist() == [-1] * 12  # none of them takes all metrics


def test_documents_that_are_not_alive_are_left_alone():
    data, offsets = packed(["", "text"])
    alive = np.array([False, True])
    found = Program([Rule(codes.QUALITY, QUALITY, strings=STOP_WORDS)]).run(
        data, offsets[:-1], offsets[1:], alive
    )
    assert found.step.tolist() == [-1, 0]
    assert found.value.tolist()[1] == 1.0


def test_memory_grows_with_a_document_and_is_given_back():
    program = Program([Rule(codes.REPETITION, REPETITION_LIMITS), Rule(codes.C4, C4)])
    program.keys, program.places = program.keys[:16], program.places[:16]
    text = "\n".join(f"word{n} and word{n + 1} are here. So it is." for n in range(2000))
    many = ["a small text is here. it is good.", text, "another one is here. it is not."]
    data, offsets = packed(many)
    found = program.run(data, offsets[:-1], offsets[1:], np.ones(3, dtype=np.bool_))
    assert reasons(found) == [repetition_reason(text, REPETITION) or c4(text)[0] for text in many]
    assert len(program.keys) > 16
