"""Step ``fineweb``: pages that are lists, menus and repeated lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from penstock.process.step import NativeStep

if TYPE_CHECKING:
    from penstock.text.kernel.program import Rule


class Fineweb(NativeStep):
    """Drop a text by FineWeb's quality rules.

    Definition and defaults: Penedo et al. 2024 (arXiv:2406.17557), section 3.6, as ``FineWebQualityFilter`` of
    datatrove 0.10.1 computes them (lines with something in them; words by spaCy). ``stop_chars`` are the marks at the
    end of a line, one or more characters each; by default datatrove's 159 terminal marks of all scripts.
    Reasons, in the order in which they decide: ``empty``, ``line_punct_ratio`` (part of the lines that end with a
    mark is too low), ``short_line_ratio``, ``char_dup_ratio`` (part of the characters in lines that were there
    before), ``list_ratio`` (line feeds a word); the value is what was measured.

    ``keep_metrics`` keeps what was measured in columns ``fineweb_*``; with ``drop: false`` nothing leaves.
    """

    kind: Literal["fineweb"] = "fineweb"
    line_punct_thr: float = Field(default=0.12, ge=0)
    line_punct_exclude_zero: bool = False
    stop_chars: tuple[Annotated[str, Field(min_length=1)], ...] | None = Field(default=None, min_length=1)
    short_line_thr: float = Field(default=0.67, ge=0)
    short_line_length: int = Field(default=30, ge=0)
    char_duplicates_ratio: float = Field(default=0.01, ge=0)
    new_line_ratio: float = Field(default=0.3, ge=0)
    keep_metrics: bool = False
    drop: bool = True

    def rules(self) -> Sequence[Rule]:
        """Return the rule."""
        from penstock.text.kernel import codes
        from penstock.text.kernel.program import Rule

        marks = self.stop_chars or ()
        limits = {
            codes.LINE_PUNCT_MIN: self.line_punct_thr,
            codes.EXCLUDE_ZERO: self.line_punct_exclude_zero,
            codes.SHORT_MAX: self.short_line_thr,
            codes.SHORT_CHARS: self.short_line_length,
            codes.CHAR_DUP_MAX: self.char_duplicates_ratio,
            codes.NEW_LINE_MAX: self.new_line_ratio,
            codes.STOP_BYTES: max((len(mark.encode()) for mark in marks), default=0),
        }
        return (Rule(codes.FINEWEB, limits, self.drop, self.keep_metrics, marks),)

    def metric_columns(self) -> Mapping[str, tuple[int, int]]:
        """Return a column for each thing that is measured."""
        from penstock.text.kernel import codes

        kept = codes.FINEWEB_COLUMNS if self.keep_metrics else {}
        return {name: (0, metric) for name, metric in kept.items()}
