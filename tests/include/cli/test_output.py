"""Sizes, times and rates as people read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.cli.output import (
    human_bytes,
    human_count,
    human_seconds,
    megabytes_per_second,
    print_json,
    shorten,
    table_of,
)
from penstock.ledger.views import MaskedCount
from penstock.receipt import Stage


@pytest.mark.parametrize(
    ("count", "text"), [(None, ""), (0, "0 bytes"), (1, "1 byte"), (12_345_678, "12.3 MB")]
)
def test_bytes(count: int | None, text: str) -> None:
    assert human_bytes(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0.00 s"),
        (9.994, "9.99 s"),
        (61.04, "61.0 s"),
        (119.96, "120.0 s"),
        (185, "3 min 05 s"),
        (7800, "2 h 10 min"),
    ],
)
def test_seconds(seconds: float | None, text: str) -> None:
    assert human_seconds(seconds) == text


@pytest.mark.parametrize(
    ("count", "seconds", "text"), [(None, 1, ""), (5, None, ""), (5, 0, ""), (3_000_000, 2, "1.50")]
)
def test_a_rate_needs_bytes_and_time(count: int | None, seconds: float | None, text: str) -> None:
    assert megabytes_per_second(count, seconds) == text


def test_counts_have_separators() -> None:
    assert (human_count(None), human_count(23703)) == ("", "23,703")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n b\t c", "a b c"),
        ("x" * 12, "xxxxxxxxx\N{HORIZONTAL ELLIPSIS}"),
        ("\x1b[2J\x00", "\ufffd[2J\ufffd"),
        ("评论", "评论"),
        (None, "None"),
        ("", ""),
    ],
)
def test_text_is_cut_and_cannot_steer_the_terminal(value: Any, text: str) -> None:
    assert shorten(value, 10) == text


def test_models_times_and_paths_become_json(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    count = MaskedCount(stage=Stage.PROCESS, kind="email", count=2)
    print_json({"model": [count], "at": datetime(2026, 11, 16, tzinfo=UTC), "path": tmp_path, "text": "评"})
    said = capsys.readouterr().out
    assert json.loads(said) == {
        "model": [{"stage": "process", "kind": "email", "count": 2}],
        "at": "2026-11-16T00:00:00+00:00",
        "path": str(tmp_path),
        "text": "评",
    }
    assert "评" in said


def test_a_table_takes_nothing_as_markup() -> None:
    from rich.console import Console

    console = Console(width=60)
    with console.capture() as caught:
        console.print(table_of("", ("a", "n"), [("[red]x[/red]", None)], right=["n"]))
    assert "[red]x[/red]" in caught.get()
