"""Texts from outside as they may be shown: personal data masked, nothing that steers a terminal or a page, cut.

What is escaped where is the business of each format; this is what all formats need.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from penstock.process.document import Document
from penstock.process.step import Context, DocumentStep, Step

MAX_CHARS = 400
_MARGIN = 4
"""Of a text, this many times the shown part is masked, so that no address is cut in two before it is found."""

_JOINERS = "\u200c\u200d"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_NOT_SHOWN = {"run_key", "provenance", "raw_bytes"}


def show(value: object, max_chars: int = MAX_CHARS) -> str:
    """Return a value as text of at most ``max_chars`` characters: masked, printable, with an ellipsis where cut.

    Line breaks stay. Control characters and those that turn the direction of writing become U+FFFD.
    """
    if value is None:
        return ""
    text = masked(_plain(value)[: max_chars * _MARGIN])
    text = "".join(map(_safe, text[: max_chars + 1]))
    return text if len(text) <= max_chars else f"{text[:max_chars]}\N{HORIZONTAL ELLIPSIS}"


def show_line(value: object, max_chars: int = MAX_CHARS) -> str:
    """Return a value as `show` does, on one line."""
    return " ".join(show(value, max_chars).split())


def show_counts(counts: Mapping[str, int], max_chars: int = 120) -> dict[str, int]:
    """Return counts by names as they may be shown; names that then are the same are counted together."""
    shown: dict[str, int] = {}
    for name, count in counts.items():
        line = show_line(name, max_chars)
        shown[line] = shown.get(line, 0) + count
    return shown


def show_row(row: Mapping[str, Any], *, max_chars: int = MAX_CHARS, without: tuple[str, ...] = ()) -> str:
    """Return a row that has no text of its own as ``column value`` pairs, without nulls and what the platform adds."""
    hidden = {*_NOT_SHOWN, *without}
    pairs = [
        f"{name} {show_line(value, 60)}"
        for name, value in row.items()
        if name not in hidden and value not in (None, "", [], {})
    ]
    text = " · ".join(pairs)
    return text if len(text) <= max_chars else f"{text[:max_chars]}\N{HORIZONTAL ELLIPSIS}"


def masked(text: str) -> str:
    """Return a text with the personal data masked that the step ``mask_pii`` finds with its defaults, or more.

    A text that the step cannot take is not shown at all.
    """
    step = _mask_step()
    document = Document({"text": text, **dict.fromkeys(step.adds())})
    (verdict,) = step.apply_batch([document], Context(dataset="card", run_key="1970-01-01"))
    if isinstance(verdict, Exception):
        return f"(not shown: masking it failed with {type(verdict).__name__})"
    return document.text


@functools.cache
def _mask_step() -> DocumentStep:
    """Return the installed step ``mask_pii``, with every kind of personal data where it knows that word."""
    from penstock.params import members
    from penstock.process.section import STEP_GROUP, STEP_PACKAGE

    found: Any = members(Step, package=STEP_PACKAGE, group=STEP_GROUP)["mask_pii"]
    try:
        step = found.model_validate({"kind": "mask_pii", "kinds": "all"})
    except ValidationError:
        step = found()
    assert isinstance(step, DocumentStep)  # noqa: S101 - for the type checker
    return step


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value[: MAX_CHARS * _MARGIN * 4].decode(errors="replace")
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _safe(char: str) -> str:
    if char.isprintable() or char in "\n\t" or char in _JOINERS:
        return char
    return " " if unicodedata.category(char).startswith("Z") else _REPLACEMENT
