"""The commands that the README and the pages of ``docs/`` show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A line ``$ …`` of a console block."""

    page: str
    text: str


def pages() -> list[Path]:
    """The README first, then every page."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "bench").glob("*.md"))]


def commands() -> Iterator[Command]:
    """Yield every command, in the order in which a reader meets it."""
    for page in pages():
        for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                if line.startswith("$ "):
                    yield Command(str(page.relative_to(ROOT)), line[2:].strip())
