"""Step ``tables``: tables of markup go, the prose around them stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from penstock.process.clean.mapper import Mapper
from penstock.process.step import Document

Kind = Literal["markdown", "html", "wiki", "rst", "tabs"]
KINDS: tuple[Kind, ...] = ("markdown", "html", "wiki", "rst", "tabs")
_RULE = frozenset("|-+:= \t")
_TAG = re.compile(r"<table\b|</table[ \t\r\n]{0,100}>", re.IGNORECASE)


class Tables(Mapper):
    """Remove tables.

    ``markdown``: rows with ``|`` around a rule (``|---|``); ``html``: ``<table>`` to its ``</table>``; ``wiki``:
    ``{|`` to ``|}`` at the beginning of lines; ``rst``: grids (``+---+``) and what stands between rules of ``====
    ====``; ``tabs``: ``min_rows`` lines in a row with a tab inside. A table that is not closed stays.
    """

    kind: Literal["tables"] = "tables"
    kinds: tuple[Kind, ...] = KINDS
    min_rows: int = Field(default=3, ge=2)

    def clean(self, text: str, document: Document) -> str:
        """Remove one kind after the other."""
        for kind in self.kinds:
            mark, remove = _REMOVERS[kind]
            if mark in text.lower() if kind == "html" else mark in text:
                text = remove(text, self.min_rows)
        return text


def _markdown(text: str, _: int) -> str:
    kept: list[str] = []
    for has_bar, group in groupby(text.split("\n"), key=lambda line: "|" in line):
        rows = list(group)
        if not has_bar or not any(map(_is_markdown_rule, rows)):
            kept += rows
    return "\n".join(kept)


def _is_markdown_rule(line: str) -> bool:
    return "-" in line and _RULE.issuperset(line)


def _html(text: str, _: int) -> str:
    parts: list[str] = []
    depth = start = end = 0
    for tag in _TAG.finditer(text):
        if tag.group()[1] != "/":
            start = tag.start() if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                parts.append(text[end:start])
                end = tag.end()
    return "".join((*parts, text[end:]))


def _wiki(text: str, _: int) -> str:
    kept: list[str] = []
    table: list[str] = []
    depth = 0
    for line in text.split("\n"):
        begin = line.lstrip()
        depth += begin.startswith("{|")
        (table if depth else kept).append(line)
        if depth and begin.startswith("|}"):
            depth -= 1
            if depth == 0:
                table.clear()
    return "\n".join(kept + table)


def _rst(text: str, _: int) -> str:
    kept: list[str] = []
    for may_be_grid, group in groupby(text.split("\n"), key=lambda line: line.lstrip()[:1] in ("+", "|")):
        rows = list(group)
        if not may_be_grid or not any(map(_is_grid_rule, rows)):
            kept += rows
    at = [n for n, line in enumerate(kept) if " " in line.strip() and set(line.strip()) == {"=", " "}]
    inside: set[int] = set()
    for first, last in pairwise(at):
        if all(line.strip() for line in kept[first:last]):
            inside.update(range(first, last + 1))
    return "\n".join(line for n, line in enumerate(kept) if n not in inside)


def _is_grid_rule(line: str) -> bool:
    line = line.strip()
    return len(line) > 2 and line[0] == line[-1] == "+" and _RULE.issuperset(line)


def _tabs(text: str, least: int) -> str:
    kept: list[str] = []
    for has_tab, group in groupby(text.split("\n"), key=lambda line: "\t" in line.strip()):
        rows = list(group)
        if not has_tab or len(rows) < least:
            kept += rows
    return "\n".join(kept)


_REMOVERS: MappingProxyType[Kind, tuple[str, Callable[[str, int], str]]] = MappingProxyType(
    {
        "markdown": ("|", _markdown),
        "html": ("<table", _html),
        "wiki": ("{|", _wiki),
        "rst": ("=", _rst),
        "tabs": ("\t", _tabs),
    }
)
