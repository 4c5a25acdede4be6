r"""The interface of a recogniser: a pattern in RE2's syntax, and a check behind it.

A recogniser is found by its ``kind``. To add one, write a module here with one class, or register a module under the
entry point group ``penstock.recognisers``; ten lines are enough::

    class Badge(Recogniser):
        kind: Literal["badge"] = "badge"
        pattern: ClassVar[str] = r"\bBDG-[0-9]{6}\b"

        def value(self, found: Candidate) -> str | None:
            return found.text if found.near("badge", "employee") else None
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from penstock.params import Params, one_of
from penstock.process.pii.pieces import Batch, View, compiled

PACKAGE, GROUP = "penstock.process.pii", "penstock.recognisers"
CONTEXT_BYTES = 60
"""How far from a candidate a word may stand that says what it is: about ten words."""


@dataclass(frozen=True)
class Candidate:
    """What a pattern found: its place in the UTF-8 of its document."""

    document: bytes
    start: int
    end: int

    @property
    def text(self) -> str:
        """The found text."""
        return self.document[self.start : self.end].decode("utf-8", "replace")

    @property
    def digits(self) -> str:
        """The digits in it."""
        return "".join(char for char in self.text if "0" <= char <= "9")

    def before(self, count: int = CONTEXT_BYTES) -> str:
        """Return what stands in front, at most ``count`` bytes of it."""
        return self.document[max(0, self.start - count) : self.start].decode("utf-8", "ignore")

    def after(self, count: int = CONTEXT_BYTES) -> str:
        """Return what follows, at most ``count`` bytes of it."""
        return self.document[self.end : self.end + count].decode("utf-8", "ignore")

    def near(self, *words: str, within: int = CONTEXT_BYTES) -> bool:
        """Return whether one of ``words`` (regular expressions) stands in front, or close behind."""
        pattern = _words(words)
        return bool(pattern.search(self.before(within)) or pattern.search(self.after(within // 3)))

    def cut(self, start: int = 0, end: int = 0) -> Candidate:
        """Return the candidate without its first ``start`` and its last ``end`` bytes."""
        return Candidate(self.document, self.start + start, self.end - end)


class Found(NamedTuple):
    """Personal data: the document, its bytes in it, and the same value for the same thing however it is written."""

    document: int
    start: int
    end: int
    value: str


class Recogniser(Params):
    """Base of all kinds; a member has a ``kind``, a ``pattern`` and a `value` (or `find`).

    ``view`` is what the pattern looks at; texts without ``needle`` are not looked at at all.
    Where two kinds want the same characters, the one with the lower ``rank`` gets them: the surer its check, the
    lower. ``default`` says that ``kinds: all`` includes it.
    """

    pattern: ClassVar[str] = ""
    view: ClassVar[View] = View.TEXTS
    needle: ClassVar[bytes | None] = None
    rank: ClassVar[int] = 50
    default: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """The kind, as counts and placeholders have it."""
        return str(getattr(self, "kind", type(self).__name__))

    def patterns(self) -> tuple[str, ...]:
        """Return the patterns that `find` looks for in the texts that ``batch.view`` gives."""
        return (self.pattern,) if self.pattern else ()

    def scanner(self) -> Any:
        """Return the compiled pattern: anything with ``finditer`` over bytes whose time is linear."""
        return compiled(self.pattern)

    def narrow(self, found: Candidate) -> Candidate:
        """Return the part of a match that is the data; by default all of it."""
        return found

    def value(self, found: Candidate) -> str | None:
        """Return the canonical form of the data, or ``None`` when the candidate only looks like it."""
        return found.text

    def find(self, batch: Batch) -> Iterator[Found]:
        """Yield what is found, document by document and from left to right, never overlapping."""
        for document, start, end in batch.view(self.view, self.needle).find(self.scanner()):
            found = self.narrow(Candidate(batch.texts[document], start, end))
            value = self.value(found)
            if value is not None:
                yield Found(document, found.start, found.end, value)

    def check(self) -> None:
        """Raise a `RecipeError` when something that the kind needs is not installed; called once, before any row."""


def any_recogniser() -> Any:
    """Return the type of a recipe field that takes any recogniser, chosen by its ``kind``."""
    return one_of(Recogniser, package=PACKAGE, group=GROUP)


@functools.cache
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that finds one of the words; ASCII letters bound it, so that Chinese needs no blanks."""
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(words)})(?![A-Za-z])", re.IGNORECASE)
