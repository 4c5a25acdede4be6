"""A text as rules look at it: words, lines and paragraphs, each found once and gone with the document."""

from __future__ import annotations

import re
from functools import cached_property

from penstock.process.document import Document

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "km"})
"""Languages that are written without blanks between words (ISO 639)."""

_PARTS = re.compile(r"[^ \n\t]+")


class View:
    """The first ``max_chars`` characters of a document's text, and what is derived from them.

    ``words`` are split at white space, as NeMo Curator and dolma do; in a language without blanks they are the
    document's tokens.
    """

    def __init__(self, document: Document, max_chars: int) -> None:
        self.text = document.text[:max_chars]
        self._document = document

    @cached_property
    def encoded(self) -> bytes:
        """The text as UTF-8."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    @cached_property
    def words(self) -> list[str]:
        """The words."""
        if self._document.language in UNSPACED:
            return list(self._document.tokens)
        return self.text.split()

    @cached_property
    def word_chars(self) -> int:
        """The characters in words."""
        return sum(map(len, self.words))

    @cached_property
    def parts(self) -> list[str]:
        """What stands between blanks, tabs and line feeds: Data-Juicer's words before it strips them."""
        return _PARTS.findall(self.text)

    @cached_property
    def filled_lines(self) -> list[str]:
        """The lines with more than white space: what NeMo Curator calls sentences."""
        return [line for line in self.text.split("\n") if line and not line.isspace()]

    @cached_property
    def blocks(self) -> list[str]:
        """The lines, where any number of line feeds is one: those of dolma's gopher_v2."""
        return re.split("\n+", self.text)

    @cached_property
    def paragraphs(self) -> list[str]:
        """What stands between two line feeds in a row."""
        return self.text.split("\n\n")

    def count_ascii(self, chars: bytes) -> int:
        """Return how many characters are one of ``chars``."""
        return len(self.encoded) - len(self.encoded.translate(None, chars))

    def count(self, pattern: re.Pattern[str]) -> int:
        """Return how many characters a pattern of one character class matches."""
        return len(self.text) - len(pattern.sub("", self.text))
