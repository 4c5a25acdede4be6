"""Step ``license_headers``: the notice above a source file or a page goes."""

from __future__ import annotations

import re
from typing import Literal

from penstock.process import pattern
from penstock.process.clean.mapper import Mapper
from penstock.process.step import Document

_NOTICE = (
    r"(?i)copyright|\(c\)\s{0,9}\d{4}|©|spdx-license-identifier|licen[sc]ed? under|all rights reserved"
    r"|permission is hereby granted|redistribution and use in source|without warranty"
    r"|gnu (?:lesser |affero )?general public"
)
_SPACE = re.compile(r"\s*")
_LINE_COMMENTS = ("//", "#", "--", ";;", "%%", "dnl ", "REM ", "'")
_BLOCKS = (
    ("/*", "*/"),
    ("<!--", "-->"),
    ("{-", "-}"),
    ("(*", "*)"),
    ('"""', '"""'),
    ("'''", "'''"),
    ("--[[", "]]"),
)
_FIRST_LINES = ("#!", "<?xml", "<?php", "# -*-", "// swift-tools", "<!DOCTYPE", "<!doctype")
MAX_NOTICE_CHARS = 20_000
"""The GNU GPL's notice is 700 characters, the longest licence that people paste above a file 12,000."""


class LicenseHeaders(Mapper):
    """Remove the comment, or in prose the paragraph, at the top that is a notice of copyright or licence.

    ``definition``: ``penstock`` removes comments (of lines or as a block) before the first code, and leading and
    trailing paragraphs of a page without comments, when they speak of copyright or a licence; a first line with
    ``#!`` or an encoding stays. ``data_juicer`` is clean_copyright_mapper (and dolma's and RedPajama's): the first
    ``/* */`` of the file if it says copyright, else every line at the top that is blank or begins with ``//``, ``#``
    or ``--``, whatever it says.
    """

    kind: Literal["license_headers"] = "license_headers"
    definition: Literal["penstock", "data_juicer"] = "penstock"

    def clean(self, text: str, document: Document) -> str:
        """Remove the notice."""
        if self.definition == "data_juicer":
            return _data_juicer(text)
        if not _is_notice(text[:MAX_NOTICE_CHARS]) and not _is_notice(text[-MAX_NOTICE_CHARS:]):
            return text
        start = _after_first_lines(text)
        head, body = text[:start], text[start:]
        cut = _without_comment(body)
        return head + cut if cut is not None else head + _without_paragraphs(body)


def _after_first_lines(text: str) -> int:
    start = 0
    while text.startswith(_FIRST_LINES, start):
        end = text.find("\n", start)
        if end < 0:
            return start
        start = end + 1
    return start


def _without_comment(text: str) -> str | None:
    """Return what follows the comments at the top, from the first that is a notice on; ``None`` without comments."""
    position, has_comment = 0, False
    while position < MAX_NOTICE_CHARS:
        start = _SPACE.match(text, position).end()  # type: ignore[union-attr]  # it matches nothing at least
        end = _end_of_comment(text, start)
        if end is None:
            break
        has_comment = True
        if _is_notice(text[start:end]):
            before = text[:start].rstrip()
            return (f"{before}\n" if before else "") + text[end:].lstrip("\n")
        position = end
    return text if has_comment else None


def _end_of_comment(text: str, start: int) -> int | None:
    for opening, closing in _BLOCKS:
        if text.startswith(opening, start):
            end = text.find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else None
    position = start
    while text.startswith(_LINE_COMMENTS, position):
        end = text.find("\n", position)
        position = len(text) if end < 0 else end + 1
        if end < 0:
            break
    return position if position > start else None


def _without_paragraphs(text: str) -> str:
    paragraphs = text.split("\n\n")
    while len(paragraphs) > 1 and _is_notice(paragraphs[0]):
        del paragraphs[0]
    while len(paragraphs) > 1 and _is_notice(paragraphs[-1]):
        del paragraphs[-1]
    return "\n\n".join(paragraphs)


def _is_notice(paragraph: str) -> bool:
    if len(paragraph) > MAX_NOTICE_CHARS:
        return False
    return pattern.compiled(_NOTICE).search(pattern.to_bytes(paragraph)) is not None


def _data_juicer(text: str) -> str:
    start = text.find("/*")
    end = text.find("*/", start + 2) if start >= 0 else -1
    if end >= 0:
        has_notice = "copyright" in text[start:end].lower()
        return text[:start] + text[end + 2 :] if has_notice else text
    lines = text.split("\n")
    first = next(
        (n for n, line in enumerate(lines) if line and not line.startswith(("//", "#", "--"))), len(lines)
    )
    return "\n".join(lines[first:])
