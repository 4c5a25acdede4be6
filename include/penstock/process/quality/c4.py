"""Steps ``c4`` and ``c4_paragraphs``: lines and texts that are no prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.process.step import NativeStep

if TYPE_CHECKING:
    from penstock.text.kernel.program import Rule


class C4(NativeStep):
    """Remove lines, and drop texts, by C4's rules; the text becomes the lines that are left.

    Definition and defaults: Raffel et al. 2020 (arXiv:1910.10683), section 2.2, as ``C4QualityFilter`` of datatrove
    0.10.1 computes them (sentences by spaCy's sentencizer). With ``split_paragraph: false`` a line is a sentence of the
    whole text, and what is left is joined by blanks. Lines leave when a word has more than ``max_word_length``
    characters, without a terminal mark, with fewer than ``min_words_per_line`` words, with "javascript" or a policy
    phrase; citations like ``[12]`` are cut out. Texts leave with ``lorem_ipsum``, ``curly_bracket`` (value: lines with
    it) or ``too_few_sentences`` (value: sentences). -1 switches a number off. FineWeb's own recipe sets
    ``filter_no_terminal_punct: false``.

    ``keep_metrics`` keeps what was measured in columns ``c4_*``; with ``drop: false`` nothing leaves, and a text that
    would is not changed.
    """

    kind: Literal["c4"] = "c4"
    split_paragraph: bool = True
    remove_citations: bool = True
    filter_no_terminal_punct: bool = True
    min_num_sentences: int = Field(default=5, ge=-1)
    min_words_per_line: int = Field(default=3, ge=-1)
    max_word_length: int = Field(default=1000, ge=-1)
    filter_lorem_ipsum: bool = True
    filter_javascript: bool = True
    filter_curly_bracket: bool = True
    filter_policy: bool = True
    keep_metrics: bool = False
    drop: bool = True

    def rules(self) -> Sequence[Rule]:
        """Return the rule."""
        from penstock.text.kernel import codes
        from penstock.text.kernel.program import Rule

        limits = {
            codes.REMOVE_CITATIONS: self.remove_citations,
            codes.NO_TERMINAL_PUNCT: self.filter_no_terminal_punct,
            codes.MIN_SENTENCES: self.min_num_sentences,
            codes.MIN_LINE_WORDS: self.min_words_per_line,
            codes.MAX_WORD_CHARS: self.max_word_length,
            codes.NO_LOREM: self.filter_lorem_ipsum,
            codes.NO_JAVASCRIPT: self.filter_javascript,
            codes.NO_CURLY: self.filter_curly_bracket,
            codes.NO_POLICY: self.filter_policy,
            codes.CHANGES_TEXT: True,
            codes.BY_SENTENCE: not self.split_paragraph,
        }
        return (Rule(codes.C4, limits, self.drop, self.keep_metrics),)

    def metric_columns(self) -> Mapping[str, tuple[int, int]]:
        """Return a column for each thing that is measured."""
        from penstock.text.kernel import codes

        kept = codes.C4_COLUMNS if self.keep_metrics else {}
        return {name: (0, metric) for name, metric in kept.items()}


class C4Paragraphs(NativeStep):
    """Drop a text with fewer than ``min_paragraphs`` lines of ``min_paragraph_len`` characters.

    Definition and defaults: mC4 (Xue et al. 2021, arXiv:2010.11934, section 3.1) as ``C4ParagraphFilter`` of datatrove
    0.10.1, where the two numbers are fixed. Reason: ``< 3 paragraphs``; the value is how many there are.
    """

    kind: Literal["c4_paragraphs"] = "c4_paragraphs"
    min_paragraphs: int = Field(default=3, ge=0)
    min_paragraph_len: int = Field(default=200, ge=0)

    def rules(self) -> Sequence[Rule]:
        """Return the rule."""
        from penstock.text.kernel import codes
        from penstock.text.kernel.program import Rule

        limits = {
            codes.MIN_PARAGRAPHS: self.min_paragraphs,
            codes.MIN_PARAGRAPH_CHARS: self.min_paragraph_len,
        }
        return (Rule(codes.C4_PARAGRAPHS, limits),)

    def reason(self, code: int) -> str:
        """Return datatrove's word, with the number in it."""
        return f"< {self.min_paragraphs} paragraphs"
