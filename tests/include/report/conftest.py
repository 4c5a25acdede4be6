"""Tiny rows with why they left, and hostile texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from penstock.recipe import Recipe, parse

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="alert(2)">',
    "</blockquote></pre>``` ]]> --> </style></svg>",
    "| a | b |\n|---|---|\n[x](javascript:alert(3)) ![y](http://example.org/z)",
    "\x1b[2J\x00\u202egnirts\u2066",
    "$\\frac{1}{2}$ {{7*7}} ${7*7} %s {0}",
    "",
    "   \n\t ",
    "x" * 100_000,
    "write to jane.doe@example.com, or call +44 20 7946 0958",
)
STEPS = "{steps: [{kind: length, min_chars: 5, max_chars: 60}, {kind: language, candidates: [en, zh]}]}"
HEAD = "dataset: notes\nstart: 2026-11-01\ningest: {source: {kind: folder, path: /nowhere}}\n"


@pytest.fixture
def recipe_of() -> Callable[..., Recipe]:
    """Make a recipe of the dataset `notes` with a process section."""
    return lambda process=STEPS: parse(f"{HEAD}process: {process}\n", where="test")


@pytest.fixture
def recipe_file(tmp_path: Path) -> Callable[..., Path]:
    """Write such a recipe to a file."""

    def write(process: str = STEPS, name: str = "notes") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"{HEAD}process: {process}\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def raw_of() -> Callable[[Sequence[str | None]], pa.Table]:
    """Make raw rows of texts."""

    def make(texts: Sequence[str | None]) -> pa.Table:
        ids = [f"{number:032x}" for number in range(len(texts))]
        return pa.table({"doc_id": pa.array(ids, pa.string()), "text": pa.array(texts, pa.string())})

    return make
