"""Step ``replace_pattern``: what a pattern matches becomes something else."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Literal, Self

from pydantic import model_validator

from penstock.process import pattern
from penstock.process.clean.mapper import Mapper
from penstock.process.pattern import Pattern
from penstock.process.step import Document

_NOT_IN_URL = r"""\s<>"'`{}|\\^\x{3000}-\x{303F}\x{FF00}-\x{FFEF}"""
_PAIR = rf"\([^{_NOT_IN_URL}()]*\)"
_URL = (
    rf"(?i)\b(?:https?://|ftp://|www\.)(?:[^{_NOT_IN_URL}()]|{_PAIR})*"
    rf"(?:[^{_NOT_IN_URL}.,;:!?()\[\]]|{_PAIR})"
)
_EMAIL = r"(?i)[a-z0-9._%+\-]{1,64}@(?:[a-z0-9\-]{1,63}\.){1,8}[a-z]{2,24}"
PRESETS = MappingProxyType(
    {
        "urls": _URL,
        "emails": _EMAIL,
        # datatrove 0.10.1, c4_filters.py: Wikipedia's marks
        "citations": r"\[\d*\]|\[edit\]|\[citation needed\]",
        # Data-Juicer 1.6.1, remove_specific_chars_mapper.py
        "shapes": "[◆●■►▼▲▴∆▻▷❖♡□]",
        "html_tags": r"</?[A-Za-z][^<>]{0,1000}>",
        "html_comments": r"(?s)<!--.*?-->",
        "latex_bibliography": r"(?s)(?:\\appendix|\\begin\{(?:references|REFERENCES|thebibliography)\}"
        r"|\\bibliography\{[^}]*\}).*$",
        "invisible": r"[\x{AD}\x{200B}\x{2060}\x{FEFF}]",
    }
)
Preset = Literal[
    "urls", "emails", "citations", "shapes", "html_tags", "html_comments", "latex_bibliography", "invisible"
]


class ReplacePattern(Mapper):
    r"""Replace every match of ``pattern``, or of a ``preset``, by ``replacement`` (default: remove it).

    The engine is RE2 (linear time); ``\1`` in the replacement is the first group. Presets: ``urls`` (http, https, ftp,
    www.), ``emails``, ``citations`` (``[3]``, ``[edit]``), ``shapes`` (◆ ● ■ …), ``html_tags``, ``html_comments``,
    ``latex_bibliography`` (from there to the end), ``invisible`` (soft hyphens, zero-width blanks; joiners stay).
    """

    kind: Literal["replace_pattern"] = "replace_pattern"
    preset: Preset | None = None
    pattern: Pattern | None = None
    replacement: str = ""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.preset is None) == (self.pattern is None):
            message = "expected either a pattern or a preset, got both or neither"
            raise ValueError(message)
        groups = pattern.compiled(self._pattern).groups
        if any(int(group) > groups for group in re.findall(r"\\(\d+)", self.replacement)):
            message = f"replacement: expected at most group {groups} of the pattern, got {self.replacement!r}"
            raise ValueError(message)
        return self

    @property
    def _pattern(self) -> str:
        return PRESETS[self.preset] if self.preset else str(self.pattern)

    def clean(self, text: str, document: Document) -> str:
        """Replace; a text without a match is not touched."""
        if pattern.compiled(self._pattern).search(pattern.to_bytes(text)) is None:
            return text
        return pattern.replace(self._pattern, self.replacement, text)
