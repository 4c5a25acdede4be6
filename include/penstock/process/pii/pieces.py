"""Many documents as one byte string, so that a pattern runs once for all of them, in linear time.

RE2 is fast per byte and slow per call. A batch is therefore joined; between two pieces stands a byte that no UTF-8
text has and no pattern matches. Patterns for numbers do not look at the texts at all, but at the runs of digits in
them, which are found once and are about 1 % of a text.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

SEPARATOR = b"\xff"
DIGIT_RUN = r"[+(]{0,2}[0-9](?:(?:[ (),./'\-]|\x{00A0}|[\x{2010}-\x{2015}]){0,3}[0-9]){7,}"
_BEFORE, _AFTER = 8, 10
"""Bytes around a run of digits that belong to its piece: a letter or sign in front, an extension behind."""


class View(StrEnum):
    """What a pattern looks at: whole texts, or the runs of digits in them (eight digits or more)."""

    TEXTS = "texts"
    NUMBERS = "numbers"


class Place(NamedTuple):
    """Where a match is: the number of its document, and its bytes in it."""

    document: int
    start: int
    end: int


@functools.cache
def compiled(pattern: str) -> Any:
    """Return a pattern of RE2's syntax, ready for bytes of UTF-8."""
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    options.max_mem = (
        64 << 20
    )  # an alternation of fifty rules needs more than the default 8 MB for its states
    return re2.compile(pattern.encode(), options)


class Pieces:
    """Parts of documents, joined."""

    def __init__(self, parts: Iterable[tuple[int, int, bytes]]) -> None:
        """Join parts: the number of the document, where in it the part begins, its bytes."""
        self._documents: list[int] = []
        self._offsets: list[int] = []
        self._starts: list[int] = []
        contents, position = [], 0
        for document, offset, content in parts:
            self._documents.append(document)
            self._offsets.append(offset)
            self._starts.append(position)
            contents.append(content)
            position += len(content) + 1
        self._starts.append(position)
        self.data = SEPARATOR.join(contents)

    def find(self, pattern: Any) -> Iterator[Place]:
        """Yield where a compiled pattern matches: its first group, where it has one, else the whole."""
        return self._places(pattern, 1 if pattern.groups else 0)

    def documents(self, pattern: Any) -> list[int]:
        """Return the numbers of the documents in which a compiled pattern matches, each once."""
        return list(dict.fromkeys(place.document for place in self._places(pattern, 0)))

    def _places(self, pattern: Any, group: int) -> Iterator[Place]:
        starts, piece = self._starts, 0
        for found in pattern.finditer(self.data):
            start, end = found.span(group)
            while starts[piece + 1] <= start:
                piece += 1
            shift = self._offsets[piece] - starts[piece]
            yield Place(self._documents[piece], start + shift, end + shift)


@dataclass(frozen=True)
class Batch:
    """The texts of some documents as UTF-8, and views of them that recognisers share.

    ``scout`` is an alternation of the patterns that recognisers will ask for: a text in which it does not match is not
    shown to any of them, so that one scan stands for many.
    """

    texts: Sequence[bytes]
    scout: str | None = None

    @functools.cached_property
    def _views(self) -> dict[tuple[View, bytes | None], Pieces]:
        return {}

    def view(self, view: View, needle: bytes | None = None) -> Pieces:
        """Return the texts that hold ``needle`` (without one: that the scout found), or the numbers in all texts."""
        key = (view, needle)
        if key not in self._views:
            self._views[key] = self._numbers() if view is View.NUMBERS else self._texts(needle)
        return self._views[key]

    @functools.cached_property
    def readings(self) -> dict[str, Any]:
        """What a model read in the texts, by the model: it reads them once for all the kinds that it knows."""
        return {}

    def _texts(self, needle: bytes | None) -> Pieces:
        if needle is not None:
            return Pieces((n, 0, text) for n, text in enumerate(self.texts) if needle in text)
        if self.scout is None:
            return self._all
        found = self._all.documents(compiled(self.scout))
        return self._all if len(found) == len(self.texts) else Pieces((n, 0, self.texts[n]) for n in found)

    @functools.cached_property
    def _all(self) -> Pieces:
        return Pieces((number, 0, text) for number, text in enumerate(self.texts))

    def _numbers(self) -> Pieces:
        """Return runs of digits with a few bytes around them; runs that are close together are one piece."""
        spans: list[list[int]] = []
        for document, start, end in self._all.find(compiled(DIGIT_RUN)):
            first, last = max(0, start - _BEFORE), end + _AFTER
            if spans and spans[-1][0] == document and first <= spans[-1][2]:
                spans[-1][2] = last
            else:
                spans.append([document, first, last])
        return Pieces((document, first, self.texts[document][first:last]) for document, first, last in spans)
