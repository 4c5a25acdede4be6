"""Numbers for rules, metrics and reasons, the same for the machine code and for those who read its answers."""

from __future__ import annotations

from collections.abc import Iterable

MAX_N = 12
"""The longest n-gram that the repetition rule counts."""

REPETITION, QUALITY, C4, C4_PARAGRAPHS, FINEWEB = 1, 2, 3, 4, 5

# Metrics: places in a row. A threshold of the repetition rule stands at the place of its metric.
DUP_PARA, DUP_PARA_CHARS, DUP_LINE, DUP_LINE_CHARS = 0, 1, 2, 3
TOP = 4  # + n
DUP = TOP + MAX_N + 1  # + n
WORD_COUNT = DUP + MAX_N + 1
MEAN_WORD_LENGTH, HASHES, ELLIPSES, BULLET_LINES, ELLIPSIS_LINES, LETTER_WORDS, STOP_WORDS = range(
    WORD_COUNT + 1, WORD_COUNT + 8
)
SENTENCES, LOREM_IPSUM, CURLY_BRACKET, LONG_LINES = range(WORD_COUNT + 8, WORD_COUNT + 12)
LINE_PUNCT, SHORT_LINES, LINE_CHAR_DUP, NEW_LINES, LINES = range(WORD_COUNT + 12, WORD_COUNT + 17)
METRICS = WORD_COUNT + 17

# Parameters of the other rules: places in the row of a step.
(
    MIN_WORDS,
    MAX_WORDS,
    MIN_MEAN,
    MAX_MEAN,
    MAX_SYMBOLS,
    MAX_BULLETS,
    MAX_ELLIPSES,
    MIN_LETTERS,
    MIN_STOP_WORDS,
) = range(9)
(
    REMOVE_CITATIONS, NO_TERMINAL_PUNCT, MIN_SENTENCES, MIN_LINE_WORDS, MAX_WORD_CHARS, NO_LOREM, NO_JAVASCRIPT,
    NO_CURLY, NO_POLICY, CHANGES_TEXT, BY_SENTENCE,
) = range(11)  # fmt: skip
MIN_PARAGRAPHS, MIN_PARAGRAPH_CHARS = 0, 1
LINE_PUNCT_MIN, EXCLUDE_ZERO, SHORT_MAX, SHORT_CHARS, CHAR_DUP_MAX, NEW_LINE_MAX, STOP_BYTES = range(7)
PARAMETERS = METRICS

KEEP = 0
NO_ROOM, NO_TEXT_ROOM = -1, -2
EMPTY = METRICS + 1
"""A reason is the metric that decided plus one, except where one metric has two reasons."""
SHORT_DOC, LONG_DOC, LOW_MEAN, HIGH_MEAN = range(METRICS + 2, METRICS + 6)

_PLAIN = {
    DUP_PARA: "dup_para_frac",
    DUP_PARA_CHARS: "dup_para_char_frac",
    DUP_LINE: "dup_line_frac",
    DUP_LINE_CHARS: "dup_line_char_frac",
    HASHES: "gopher_too_many_hashes",
    ELLIPSES: "gopher_too_many_ellipsis",
    BULLET_LINES: "gopher_too_many_bullets",
    ELLIPSIS_LINES: "gopher_too_many_end_ellipsis",
    LETTER_WORDS: "gopher_below_alpha_threshold",
    STOP_WORDS: "gopher_enough_stop_words",
    SENTENCES: "too_few_sentences",
    LOREM_IPSUM: "lorem_ipsum",
    CURLY_BRACKET: "curly_bracket",
    LINE_PUNCT: "line_punct_ratio",
    SHORT_LINES: "short_line_ratio",
    LINE_CHAR_DUP: "char_dup_ratio",
    NEW_LINES: "list_ratio",
}
REASONS: dict[int, str] = {
    **{metric + 1: name for metric, name in _PLAIN.items()},
    **{TOP + n + 1: f"top_{n}_gram" for n in range(1, MAX_N + 1)},
    **{DUP + n + 1: f"duplicated_{n}_n_grams" for n in range(1, MAX_N + 1)},
    EMPTY: "empty",
    SHORT_DOC: "gopher_short_doc",
    LONG_DOC: "gopher_long_doc",
    LOW_MEAN: "gopher_below_avg_threshold",
    HIGH_MEAN: "gopher_above_avg_threshold",
}
"""datatrove's words for them; that of the paragraph rule has its threshold in it and is made by the step."""
DECIDING: dict[int, int] = {
    **{metric + 1: metric for metric in range(METRICS)},
    EMPTY: LINES,
    SHORT_DOC: WORD_COUNT,
    LONG_DOC: WORD_COUNT,
    LOW_MEAN: MEAN_WORD_LENGTH,
    HIGH_MEAN: MEAN_WORD_LENGTH,
}
"""The metric whose value goes with a reason."""

REPETITION_PARTS = (DUP_PARA, DUP_PARA_CHARS, DUP_LINE, DUP_LINE_CHARS)
QUALITY_COLUMNS: dict[str, int] = {
    "gopher_words": WORD_COUNT,
    "gopher_mean_word_length": MEAN_WORD_LENGTH,
    "gopher_hashes": HASHES,
    "gopher_ellipses": ELLIPSES,
    "gopher_bullet_lines": BULLET_LINES,
    "gopher_ellipsis_lines": ELLIPSIS_LINES,
    "gopher_letter_words": LETTER_WORDS,
    "gopher_stop_words": STOP_WORDS,
}
C4_COLUMNS: dict[str, int] = {
    "c4_sentences": SENTENCES,
    "c4_lorem_ipsum_lines": LOREM_IPSUM,
    "c4_curly_bracket_lines": CURLY_BRACKET,
}
FINEWEB_COLUMNS: dict[str, int] = {
    "fineweb_line_punct_ratio": LINE_PUNCT,
    "fineweb_short_line_ratio": SHORT_LINES,
    "fineweb_char_dup_ratio": LINE_CHAR_DUP,
    "fineweb_list_ratio": NEW_LINES,
    "fineweb_lines": LINES,
}


def repetition_columns(top: Iterable[int], dup: Iterable[int]) -> dict[str, int]:
    """Return the names of the repetition rule's metrics, with n-grams of these lengths."""
    metrics = (*REPETITION_PARTS, *(TOP + n for n in top), *(DUP + n for n in dup))
    return {f"gopher_{REASONS[metric + 1]}": metric for metric in metrics}
