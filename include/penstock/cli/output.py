"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPE_WIDTH = 160
"""Columns of text when nobody looks at a terminal: wide enough that no table is cut."""

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

_COLOURS = {
    **dict.fromkeys(("ok", "done", "success", "pass", "published"), "green"),
    **dict.fromkeys(("warn", "running", "partial", "dropped", "unchanged", "in progress"), "yellow"),
    **dict.fromkeys(("missing", "failed", "killed", "fail", "quarantined", "lost", "corrupt"), "red"),
}


def console(*, stderr: bool = False) -> Console:
    """Return a console that neither guesses markup nor cuts tables in a pipe."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def print_json(value: Any) -> None:
    """Print models, or plain values that hold them, as indented JSON."""
    typer.echo(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def table_of(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> Table:
    """Return a table; the columns in ``right`` hold numbers, a state has its colour."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name in right)
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in cells))
    return table


def coloured(state: str) -> str:
    """Return the colour of a state; nothing for a word that has none."""
    return _COLOURS.get(state, "")


def human_bytes(count: int | None) -> str:
    """Return a size as people say it: ``12.3 MB``."""
    from rich.filesize import decimal

    return "" if count is None else decimal(count)


def human_count(count: int | None) -> str:
    """Return a number with separators: ``23,703``."""
    return "" if count is None else f"{count:,}"


def human_seconds(seconds: float | None) -> str:
    """Return a duration: ``0.42 s``, ``12.3 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def megabytes_per_second(count: int | None, seconds: float | None) -> str:
    """Return a rate in MB/s (decimal megabytes)."""
    return f"{count / seconds / 1e6:.2f}" if count and seconds else ""


def shorten(value: object, width: int = 60) -> str:
    """Return ``value`` on one line, cut at ``width`` characters, without characters that steer a terminal."""
    text = " ".join(str(value).split())
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= width else f"{text[: width - 1]}\N{HORIZONTAL ELLIPSIS}"
