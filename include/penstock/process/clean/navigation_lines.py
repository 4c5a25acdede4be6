"""Step ``navigation_lines``: menus, crumbs and lists of links go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Literal, Self

from pydantic import Field, model_validator

from penstock.process.clean.mapper import Mapper
from penstock.process.step import Document

_SEPARATORS = re.compile(r"\s*[|›»·•→/>]+\s*")
_SENTENCE_END = (".", "!", "?", ":", ";", ",", '"', "”", "。", "！", "？", "：", "；", "，", "…")
MAX_LINE_CHARS = 500
"""A longer line is no menu; it also bounds what the pattern looks at."""


class NavigationLines(Mapper):
    """Remove lines of a page's navigation.

    ``min_parts``: a line of so many short parts between signs such as ``|``, ``›`` and ``·`` goes (``Home | News |
    Help``). ``min_run``: so many short lines in a row that end without punctuation go; blank lines among them do not
    count and go with them. A part or line is short up to ``max_words`` words (a word of a script without blanks has
    six characters). Nothing is published for these numbers, so at least one of the two must be given.
    """

    kind: Literal["navigation_lines"] = "navigation_lines"
    min_parts: int | None = Field(default=None, ge=2)
    min_run: int | None = Field(default=None, ge=2)
    max_words: int = Field(default=4, ge=1)

    @model_validator(mode="after")
    def _check_given(self) -> Self:
        if self.min_parts is None and self.min_run is None:
            message = "expected min_parts or min_run, got neither"
            raise ValueError(message)
        return self

    def clean(self, text: str, document: Document) -> str:
        """Remove the lines."""
        lines = text.split("\n")
        if self.min_parts is not None:
            lines = [line for line in lines if not self._is_menu(line, self.min_parts)]
        if self.min_run is not None:
            lines = list(self._without_runs(lines, self.min_run))
        return "\n".join(lines)

    def _is_menu(self, line: str, least: int) -> bool:
        if len(line) > MAX_LINE_CHARS:
            return False
        parts = [part for part in _SEPARATORS.split(line.strip()) if part]
        return len(parts) >= least and all(self._is_short(part) for part in parts)

    def _is_short(self, text: str) -> bool:
        if len(text) > MAX_LINE_CHARS:
            return False
        words = text.split()
        return (
            len(words) <= self.max_words
            and sum(map(len, words)) <= (6 if not text.isascii() else 20) * self.max_words
        )

    def _without_runs(self, lines: list[str], least: int) -> Iterator[str]:
        for is_short, group in groupby(lines, key=self._may_be_a_link):
            run = list(group)
            if not is_short or sum(not line or line.isspace() for line in run) > len(run) - least:
                yield from run

    def _may_be_a_link(self, line: str) -> bool:
        line = line.strip()
        return self._is_short(line) and not line.endswith(_SENTENCE_END)
