"""Which limit a value was held against."""

from __future__ import annotations

from typing import Literal

import pytest

from penstock.process.language import Language
from penstock.process.length import Length
from penstock.process.plan import NamedStep
from penstock.process.step import DocumentStep
from penstock.report.thresholds import for_column, for_reason, limits_of, side_of, words_of
from penstock.validate.promises import parse as parse_promises

LENGTH = NamedStep("length", Length(min_chars=30, max_chars=2000))


class Quality(DocumentStep):
    """A filter with limits of every shape; no ``kind``, so that no recipe finds it."""

    min_doc_words: int = 50
    max_doc_words: int = 100_000
    max_ellipsis_lines_ratio: float = 0.3
    max_non_alpha_words_ratio: float = 0.8
    top_n_grams: tuple[tuple[int, float], ...] = ((2, 0.2), (3, 0.18))
    flag: bool = True
    nothing: int | None = None


class Repetition(DocumentStep):
    """Limits that name characters and words, and are shares or lengths."""

    dup_para_char_frac: float = 0.2
    max_char_duplicates_ratio: float = 0.01
    min_avg_word_length: int = 3


@pytest.mark.parametrize(
    ("step", "reason", "values", "expected"),
    [
        (LENGTH, "too_short", [1, 29], ("length.min_chars", 30)),
        (LENGTH, "too_long", [2001, 9000], ("length.max_chars", 2000)),
        (LENGTH, "too_short", [], None),
        (LENGTH, "too_long", [10, 9000], None),
        (NamedStep("q", Quality()), "gopher_short_doc", [3, 49], ("q.min_doc_words", 50)),
        (
            NamedStep("q", Quality()),
            "too_many_ellipsis_lines",
            [0.31, 0.9],
            ("q.max_ellipsis_lines_ratio", 0.3),
        ),
        (
            NamedStep("q", Quality()),
            "below_alpha_threshold",
            [0.63, 0.79],
            ("q.max_non_alpha_words_ratio", 0.8),
        ),
        (NamedStep("l", Language(min_score=0.7)), "language_unsure", [0.2, 0.69], ("l.min_score", 0.7)),
    ],
)
def test_finds_the_limit_that_the_values_went_beyond(
    step: NamedStep, reason: str, values: list[float], expected
):
    found = for_reason(step, reason, values)
    assert (None if found is None else (found.name, found.value)) == expected


def test_flags_and_what_is_absent_are_no_limits():
    assert {limit.name: limit.value for limit in limits_of("q", Quality())} == {
        "q.min_doc_words": 50,
        "q.max_doc_words": 100_000,
        "q.max_ellipsis_lines_ratio": 0.3,
        "q.max_non_alpha_words_ratio": 0.8,
        "q.top_n_grams.2": 0.2,
        "q.top_n_grams.3": 0.18,
    }


def test_a_column_has_the_limits_of_the_step_that_adds_it_and_of_the_gate():
    promises = parse_promises(
        "dataset: notes\nexpectations:\n"
        "  - {name: sure, expect: ExpectColumnValuesToBeBetween, severity: info, reason: x,\n"
        "     args: {column: lang_score, min_value: 0.1}}\n",
        where="test",
    )
    steps = (LENGTH, NamedStep("language", Language(min_score=0.7)))
    assert [(t.name, t.value) for t in for_column("lang_score", steps, promises)] == [
        ("language.min_score", 0.7),
        ("gate: sure", 0.1),
    ]


def test_characters_have_the_limits_of_filters_but_not_of_how_much_a_step_looks_at():
    steps = (LENGTH, NamedStep("language", Language(max_chars=1000)))
    assert [t.name for t in for_column("characters", steps)] == ["length.min_chars", "length.max_chars"]


def test_a_share_of_characters_or_words_is_no_number_of_them():
    recipe_like = (LENGTH, NamedStep("q", Quality()), NamedStep("r", Repetition()))
    assert [t.name for t in for_column("characters", recipe_like)] == ["length.min_chars", "length.max_chars"]
    assert [t.name for t in for_column("words", recipe_like)] == ["q.min_doc_words", "q.max_doc_words"]


def test_a_limit_that_keeps_everything_is_none():
    assert for_column("characters", (NamedStep("length", Length()),)) == ()


@pytest.mark.parametrize(("name", "side"), [("min_chars", "min"), ("too_long", "max"), ("seed", None)])
def test_knows_the_side_by_the_name(name: str, side: Literal["min", "max"] | None):
    assert side_of(name) == side


def test_words_are_in_the_singular():
    assert words_of("max_doc_words") == {"max", "doc", "word"}
