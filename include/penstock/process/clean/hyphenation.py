"""Step ``hyphenation``: words that were broken at the end of a line are whole again."""

from __future__ import annotations

import re
from typing import Literal

from penstock.process.clean.mapper import Mapper
from penstock.process.step import Document

_BROKEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\r?\n[ \t]*([^\W\d_][^\s]*)[ \t]*")


class Hyphenation(Mapper):
    """Join ``exam-`` at the end of a line with ``ple`` at the beginning of the next, which then begins after it.

    Both parts must be letters, the second one in lower case (or of a script without case): ``Anglo-`` and ``Saxon``
    stay apart. Soft hyphens inside of lines go, too. A compound that was broken at its own hyphen (``well-``
    ``known``) loses it.
    """

    kind: Literal["hyphenation"] = "hyphenation"

    def clean(self, text: str, document: Document) -> str:
        """Join the words."""
        if "\n" in text:
            text = _BROKEN.sub(_join, text)
        return text.replace("\u00ad", "")


def _join(found: re.Match[str]) -> str:
    rest = found.group(1)
    return found.group() if rest[0].isupper() else f"{rest}\n"
