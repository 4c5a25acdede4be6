"""Step ``repeated_lines``: of equal lines or paragraphs of a text the first one stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from penstock.process.clean.mapper import Mapper
from penstock.process.step import Document


class RepeatedLines(Mapper):
    """Remove the lines (or, with ``unit: paragraph``, what stands between blank lines) that came before in the text.

    Blanks around and, with ``ignore_case``, case do not count. Units of fewer than ``min_chars`` characters stay (a
    ``}`` or a date is no repetition), blank lines always do. ``consecutive`` removes only those that follow their
    like.
    """

    kind: Literal["repeated_lines"] = "repeated_lines"
    unit: Literal["line", "paragraph"] = "line"
    min_chars: int = Field(default=1, ge=1)
    consecutive: bool = False
    ignore_case: bool = False

    def clean(self, text: str, document: Document) -> str:
        """Keep the first of each."""
        joint = "\n" if self.unit == "line" else "\n\n"
        return joint.join(self._kept(text.split(joint)))

    def _kept(self, units: list[str]) -> Iterator[str]:
        seen: set[str] = set()
        for unit in units:
            key = unit.strip().casefold() if self.ignore_case else unit.strip()
            if len(key) < self.min_chars:
                yield unit
                continue
            if key not in seen:
                yield unit
                if self.consecutive:
                    seen.clear()
                seen.add(key)
