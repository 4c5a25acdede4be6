"""The progress of a run on the screen."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from penstock.cli import progress
from penstock.cli.progress import Progress
from penstock.errors import PenstockError
from penstock.receipt import Stage

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def said(
    flow: Any, steps: list[Callable[[], object]], *, since: datetime = LONG_AGO, terminal: bool = False
) -> str:
    """Do one step of the flow between two looks at the ledger; return what was printed."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, markup=False, highlight=False)
    left = list(steps)

    def is_over() -> bool:
        if left:
            left.pop(0)()
        return not left

    Progress(flow.ledger, "notes", "2026-11-16", since=since).watch(console, is_over)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "POLL_S", 0.01)


def test_a_pipe_gets_a_line_when_a_stage_changes_and_no_more(flow: Any) -> None:
    texts = ["one", "two"]
    steps = [
        lambda: flow.ingest(texts),
        lambda: None,
        lambda: None,
        lambda: flow.transfer(texts),
        lambda: None,
    ]
    lines = said(flow, steps).splitlines()
    assert [line.split()[2:4] for line in lines] == [["ingest", "success"], ["transfer", "success"]]
    assert "2 rows in, 2 out" in lines[0]


def test_what_ran_before_is_not_progress(flow: Any) -> None:
    flow.whole_day()
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert said(flow, [lambda: None], since=later) == ""


def test_a_failure_shows_its_error_on_one_line(flow: Any) -> None:
    def fail() -> None:
        flow.ledger.start(dataset="notes", run_key="2026-11-16", stage=Stage.INGEST, attempt="a")
        flow.ledger.fail(attempt="a", error=PenstockError("first line\nsecond line"))

    (line,) = said(flow, [fail]).splitlines()
    assert line.split(maxsplit=4)[2:] == ["ingest", "failed", "PenstockError: first line second line"]


def test_a_terminal_shows_all_five_stages_at_once(flow: Any) -> None:
    def start() -> None:
        flow.ledger.start(dataset="notes", run_key="2026-11-16", stage=Stage.TRANSFER, attempt="b")

    shown = said(flow, [lambda: flow.ingest(["one"]), start, lambda: None, lambda: None], terminal=True)
    for word in ("ingest", "transfer", "process", "validate", "store", "running", "waiting", "success"):
        assert word in shown
