"""Step ``regular_expression``: texts in which a pattern is found, or is not, leave."""

from __future__ import annotations

from typing import Literal

from penstock.process import pattern
from penstock.process.pattern import Pattern
from penstock.process.quality.bounded import BoundedStep
from penstock.process.step import Context, Document, Drop

MAX_FOUND_CHARS = 100


class RegularExpression(BoundedStep):
    r"""Count the matches of a pattern (RE2 on UTF-8, linear time) and drop (``regular_expression``) by their number.

    Without bounds and ``annotate``, one match drops, as in datatrove's RegexFilter; ``min: 1`` keeps only texts with
    a match. The detail is the first match. ``\w``, ``\d``, ``\s`` and ``\b`` know ASCII alone: write ``\p{L}`` for a
    letter of any script. A pattern that RE2 refuses (look-around, back-references) is an error of the recipe.
    """

    kind: Literal["regular_expression"] = "regular_expression"
    pattern: Pattern

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Look for the pattern."""
        compiled, content = pattern.compiled(self.pattern), pattern.to_bytes(document.text)
        found = compiled.search(content)
        word = found.group().decode("utf-8", "replace")[:MAX_FOUND_CHARS] if found else None
        if self.is_published:
            return Drop("regular_expression", 1, word) if found else None
        count = sum(1 for _ in compiled.finditer(content)) if found else 0
        return self.judge(document, count, "regular_expression", word)
