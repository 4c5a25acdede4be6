"""How every benchmark reports: a JSON file in ``bench/results`` and a table on the screen."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def cpu_seconds() -> float:
    """CPU seconds (user + system) of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def machine() -> dict[str, Any]:
    """What the figures were measured on; the load says how noisy it was."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load_1m": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Show a row on the terminal as soon as it is there, and return it."""
    shown = (
        f"{value:.3g}" if isinstance(value, float) else str(value)
        for value in row.values()
        if value is not None
    )
    print("...", *shown, file=sys.stderr, flush=True)
    return row


def save(name: str, rows: list[dict[str, Any]], **summary: Any) -> None:
    """Print ``rows`` as a table and keep them, with the summary and the machine, as ``results/<name>.json``."""
    print_table(rows)
    for key, value in summary.items():
        print(f"{key}: {value}")
    RESULTS.mkdir(exist_ok=True)
    document = {"benchmark": name, "machine": machine(), **summary, "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print rows of equal keys, columns as wide as they need."""
    if not rows:
        print("no rows", file=sys.stderr)
        return
    names = list(rows[0])
    table = [names, *[[_cell(row[name]) for name in names] for row in rows]]
    widths = [max(len(line[i]) for line in table) for i in range(len(names))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
