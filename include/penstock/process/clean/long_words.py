"""Step ``long_words``: words that no language has go."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from penstock.process.clean.mapper import Mapper
from penstock.process.quality.rules.special import refined
from penstock.process.step import Document

_WORD = re.compile(r"[^ \t\n]+")


class LongWords(Mapper):
    """Remove the words (between blanks, tabs and line feeds) of more than ``max_chars`` characters.

    Signs around a word do not count, as in Data-Juicer's remove_long_words_mapper, which also joins blanks; here the
    blanks stay. Chinese and other scripts without blanks have no such words: do not use it there.
    """

    kind: Literal["long_words"] = "long_words"
    max_chars: int = Field(ge=1)

    def clean(self, text: str, document: Document) -> str:
        """Remove the words."""
        return _WORD.sub(self._kept, text)

    def _kept(self, found: re.Match[str]) -> str:
        word = found.group()
        if len(word) <= self.max_chars:
            return word
        core = "".join(refined([word]))
        return word if 0 < len(core) <= self.max_chars else ""
