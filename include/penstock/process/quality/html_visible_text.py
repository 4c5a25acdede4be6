"""Step ``html_visible_text``: HTML sources that show little leave."""

from __future__ import annotations

import html
import re
from typing import Literal

from pydantic import Field

from penstock.process.quality.bounded import BoundedStep
from penstock.process.step import Context, Document, Drop

MIN_SHARE, MIN_CHARS = 0.2, 100
"""StarCoder (arXiv:2305.06161, 3.1)."""

_HIDDEN = re.compile(r"<(script|style)\b[^>]*>", re.IGNORECASE)
_CLOSING = {tag: re.compile(rf"</{tag}[^>]*>", re.IGNORECASE) for tag in ("script", "style")}
_TAG = re.compile("<[A-Za-z/!?]")


class HtmlVisibleText(BoundedStep):
    """Measure the text outside of scripts, styles and tags by all; below 20 % a source leaves (``html_visible_text``).

    One of fewer than ``min_chars`` visible characters counts as 0. ``language_column`` limits it to the documents whose
    column says ``html`` (in any case); others, and an empty text, have no number. As StarCoder and NeMo Curator's
    HTMLBoilerplateFilter, but for attributes with a ``>`` inside: no tree is built, so that no nesting is too deep.
    """

    kind: Literal["html_visible_text"] = "html_visible_text"
    min_chars: int = Field(default=MIN_CHARS, ge=0)
    language_column: str | None = None

    def reads(self) -> tuple[str, ...]:
        """Return the column of the language, if there is one."""
        return (self.language_column,) if self.language_column else ()

    def published(self) -> tuple[float | None, float | None]:
        """Return StarCoder's limit."""
        return MIN_SHARE, None

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Take the text out."""
        text = document.text
        is_other = self.language_column and str(document[self.language_column]).lower() != "html"
        if not text or is_other:
            return self.judge(document, None, "html_visible_text")
        visible = _visible_chars(text)
        return self.judge(
            document, visible / len(text) if visible >= self.min_chars else 0.0, "html_visible_text"
        )


def _visible_chars(source: str) -> int:
    """Return the characters that are no tag, comment, script or style; linear, whatever the nesting."""
    parts: list[str] = []
    position = 0
    while (start := source.find("<", position)) >= 0:
        parts.append(source[position:start])
        if source.startswith("<!--", start):
            position = _after(source, "-->", start + 4)
        elif hidden := _HIDDEN.match(source, start):
            closing = _CLOSING[hidden.group(1).lower()].search(source, hidden.end())
            position = closing.end() if closing else len(source)
        elif _TAG.match(source, start):
            position = _after(source, ">", start)
        else:
            parts.append("<")
            position = start + 1
    parts.append(source[position:])
    return len(html.unescape("".join(parts)))


def _after(source: str, mark: str, start: int) -> int:
    """Return where a mark ends; what is not closed goes to the end, as HTML has it."""
    found = source.find(mark, start)
    return found + len(mark) if found >= 0 else len(source)
