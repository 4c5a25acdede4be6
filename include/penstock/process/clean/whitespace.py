"""Step ``whitespace``: one space between words, none around them."""

from __future__ import annotations

import re
from typing import Literal

from penstock.process.step import Context, Document, DocumentStep, Drop

_LINE_SPACE = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r" ?\n[ \n]*")


class Whitespace(DocumentStep):
    """Collapse runs of white space and strip both ends; drop (``empty_text``) what has no text left, null included.

    With ``keep_lines`` a run that holds line feeds becomes one line feed, with ``keep_paragraphs`` one that holds
    several becomes two and one that holds one stays one; else every run becomes one space.
    """

    kind: Literal["whitespace"] = "whitespace"
    keep_lines: bool = False
    keep_paragraphs: bool = False

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Normalise the text."""
        text = document.text
        if self.keep_lines or self.keep_paragraphs:
            lines = _LINE_SPACE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
            cleaned = _NEWLINES.sub(_breaks if self.keep_paragraphs else "\n", lines).strip()
        else:
            cleaned = " ".join(text.split())
        if not cleaned:
            return Drop("empty_text", 0)
        document.text = cleaned
        return None


def _breaks(found: re.Match[str]) -> str:
    return "\n\n" if found.group().count("\n") > 1 else "\n"
