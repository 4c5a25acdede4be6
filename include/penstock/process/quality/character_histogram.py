"""Step ``character_histogram``: a cheap look whether a text is in the language it should be in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal

from penstock.process.quality.bounded import BoundedStep
from penstock.process.step import Context, Document, Drop
from penstock.process.word_list import Listed
from penstock.process.worker_files import load

MIN_SHARE = 0.8
"""NeMo Curator's threshold for NLLB's histogram filter (arXiv:2207.04672, p. 30)."""


class CharacterHistogram(BoundedStep):
    """Measure the characters that are in a list, by all; at 0.8 or less a text leaves (``character_histogram``).

    ``characters``: the first character of each entry counts, as in the histograms of NLLB; a blank always does. As NeMo
    Curator's HistogramFilter, but for the number, which that filter does not give. ``min`` replaces the threshold (a
    text at it stays). An empty text has no number.
    """

    kind: Literal["character_histogram"] = "character_histogram"
    characters: Listed

    def published(self) -> tuple[float | None, float | None]:
        """Return what is just above the threshold, which itself does not stay."""
        return math.nextafter(MIN_SHARE, 1.0), None

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the characters."""
        return {"characters": "".join(sorted({entry[0] for entry in self.characters.entries(read)})).encode()}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Count."""
        listed = load(self, "characters", context, _characters)
        text = document.text
        value = sum(char in listed for char in text.strip()) / len(text) if text else None
        return self.judge(document, value, "character_histogram")


def _characters(content: bytes) -> frozenset[str]:
    return frozenset(content.decode()) | {" "}
