"""Steps ``contains`` and ``suffix``: what must be, or must not be, in a text or at the end of a file's name."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from penstock.process.step import Context, Document, DocumentStep, Drop


class Contains(DocumentStep):
    """Keep the texts with ``substring`` at ``position``; the others leave (``substring_missing``).

    As NeMo Curator's SubstringFilter. ``drop: with`` turns it round (``substring_found``).
    """

    kind: Literal["contains"] = "contains"
    substring: str = Field(min_length=1)
    position: Literal["prefix", "suffix", "any"] = "any"
    drop: Literal["with", "without"] = "without"

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Look for it."""
        text = document.text
        is_there = {
            "prefix": text.startswith,
            "suffix": text.endswith,
            "any": text.__contains__,
        }[self.position](self.substring)
        if is_there == (self.drop == "with"):
            return Drop(
                "substring_found" if is_there else "substring_missing", float(is_there), self.substring
            )
        return None


class Suffix(DocumentStep):
    """Keep the documents of which ``column`` (a file's name or address) ends with one of ``keep`` (``suffix``).

    As Data-Juicer's suffix_filter, in any case.
    """

    reads_text: ClassVar[bool] = False

    kind: Literal["suffix"] = "suffix"
    column: str = "path"
    keep: tuple[str, ...] = Field(min_length=1)

    def reads(self) -> tuple[str, ...]:
        """Return the column."""
        return (self.column,)

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Compare the end."""
        name = document[self.column]
        wanted = tuple(suffix.lower() for suffix in self.keep)
        if isinstance(name, str) and name.lower().endswith(wanted):
            return None
        return Drop("suffix", None, name[-40:] if isinstance(name, str) else None)
