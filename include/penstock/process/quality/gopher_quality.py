"""Step ``gopher_quality``: texts that do not look like natural language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.process.step import NativeStep

if TYPE_CHECKING:
    from penstock.text.kernel.program import Rule

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


class GopherQuality(NativeStep):
    """Drop a text by Gopher's quality rules.

    Definition and defaults: Rae et al. 2021 (arXiv:2112.11446), appendix A.1.1, as ``GopherQualityFilter`` of datatrove
    0.10.1 computes them (words by spaCy; only words that are not punctuation alone are counted and measured). Reasons,
    in the order in which they decide: ``gopher_short_doc``, ``gopher_long_doc`` (words),
    ``gopher_below_avg_threshold``, ``gopher_above_avg_threshold`` (characters a word), ``gopher_too_many_hashes``,
    ``gopher_too_many_ellipsis`` (a word), ``gopher_too_many_bullets``, ``gopher_too_many_end_ellipsis`` (part of the
    lines), ``gopher_below_alpha_threshold`` (part of the words with a letter; datatrove's parameter says non-alpha
    and means this), ``gopher_enough_stop_words`` (too few different ones). A limit that is null or 0 is off.

    ``keep_metrics`` keeps what was measured in columns ``gopher_*``; with ``drop: false`` nothing leaves.
    """

    kind: Literal["gopher_quality"] = "gopher_quality"
    min_doc_words: int | None = Field(default=50, ge=0)
    max_doc_words: int | None = Field(default=100_000, ge=0)
    min_avg_word_length: float | None = Field(default=3, ge=0)
    max_avg_word_length: float | None = Field(default=10, ge=0)
    max_symbol_word_ratio: float | None = Field(default=0.1, ge=0)
    max_bullet_lines_ratio: float | None = Field(default=0.9, ge=0)
    max_ellipsis_lines_ratio: float | None = Field(default=0.3, ge=0)
    max_non_alpha_words_ratio: float | None = Field(default=0.8, ge=0)
    min_stop_words: int | None = Field(default=2, ge=0)
    stop_words: tuple[str, ...] = STOP_WORDS
    keep_metrics: bool = False
    drop: bool = True

    def rules(self) -> Sequence[Rule]:
        """Return the rule."""
        from penstock.text.kernel import codes
        from penstock.text.kernel.program import Rule

        limits = {
            codes.MIN_WORDS: self.min_doc_words,
            codes.MAX_WORDS: self.max_doc_words,
            codes.MIN_MEAN: self.min_avg_word_length,
            codes.MAX_MEAN: self.max_avg_word_length,
            codes.MAX_SYMBOLS: self.max_symbol_word_ratio,
            codes.MAX_BULLETS: self.max_bullet_lines_ratio,
            codes.MAX_ELLIPSES: self.max_ellipsis_lines_ratio,
            codes.MIN_LETTERS: self.max_non_alpha_words_ratio,
            codes.MIN_STOP_WORDS: self.min_stop_words,
        }
        set_ones = {place: float(limit) for place, limit in limits.items() if limit}
        return (Rule(codes.QUALITY, set_ones, self.drop, self.keep_metrics, self.stop_words),)

    def metric_columns(self) -> Mapping[str, tuple[int, int]]:
        """Return a column for each thing that is measured."""
        from penstock.text.kernel import codes

        kept = codes.QUALITY_COLUMNS if self.keep_metrics else {}
        return {name: (0, metric) for name, metric in kept.items()}
