"""Step ``boilerplate_lines``: lines with phrases of notices and menus go, the text around them stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from penstock.process import pattern
from penstock.process.step import Context, Document, DocumentStep
from penstock.process.word_list import Listed
from penstock.process.worker_files import load
from penstock.text import c4_phrases

C4_PHRASES = (c4_phrases.JAVASCRIPT, c4_phrases.LOREM, *c4_phrases.POLICY)
"""In C4 ``lorem ipsum`` removes the whole page."""


class BoilerplateLines(DocumentStep):
    """Remove the lines in which a phrase occurs, in any case.

    ``phrases`` are those of C4 by default. ``max_chars`` spares longer lines: a whole page on one line is no notice.
    """

    kind: Literal["boilerplate_lines"] = "boilerplate_lines"
    phrases: Listed | None = None
    max_chars: int | None = Field(default=None, ge=1)

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the phrases as one pattern."""
        phrases = C4_PHRASES if self.phrases is None else self.phrases.entries(read)
        return {"phrases": f"(?i){'|'.join(map(pattern.escape, phrases))}".encode()}

    def apply(self, document: Document, context: Context) -> None:
        """Remove the lines; a text without a phrase is not split."""
        text, found = document.text, load(self, "phrases", context, _compiled)
        if not text or found.search(pattern.to_bytes(text)) is None:
            return
        limit = len(text) if self.max_chars is None else self.max_chars
        kept = [
            line
            for line in text.split("\n")
            if len(line) > limit or found.search(pattern.to_bytes(line)) is None
        ]
        document.text = "\n".join(kept)


def _compiled(content: bytes) -> pattern.Compiled:
    return pattern.compiled(content.decode())
