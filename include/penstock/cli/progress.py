"""The progress of a run on the screen, read from the ledger while Airflow works."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING

from penstock.cli.output import coloured, human_count, human_seconds
from penstock.receipt import Stage

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from penstock.ledger import Ledger
    from penstock.ledger.views import StageReceipt

POLL_S = 0.4
_MARKS = {"success": "\N{CHECK MARK}", "unchanged": "=", "failed": "x", "killed": "x"}


class Progress:
    """Watches the stages of one run that started at ``since`` or later, until ``is_over`` says so.

    A terminal shows a table that moves; a pipe gets a line whenever a stage changes.
    """

    def __init__(self, ledger: Ledger, dataset: str, run_key: str, *, since: datetime) -> None:
        self._ledger, self._dataset, self._run_key, self._since = ledger, dataset, run_key, since
        self._began = time.monotonic()
        self._stages: dict[Stage, StageReceipt] = {}
        self._told: dict[str, tuple[str, str]] = {}

    def watch(self, out: Console, is_over: Callable[[], bool], *, quiet: bool = False) -> None:
        """Show the progress until the run is over (and what it did last)."""
        from rich.live import Live

        is_live = out.is_terminal and not quiet
        live = (
            Live(console=out, refresh_per_second=8, transient=True, get_renderable=self._draw)
            if is_live
            else None
        )
        with live or nullcontext():
            over = False
            while not over:
                over = is_over()
                self._stages = self.stages()
                if not is_live and not quiet:
                    self._tell(out)
                time.sleep(0 if over else POLL_S)

    def stages(self) -> dict[Stage, StageReceipt]:
        """Return the newest attempt of each stage of this run."""
        from penstock.ledger import views

        found = views.recent(self._ledger, dataset=self._dataset, run_key=self._run_key, limit=40)
        newest: dict[Stage, StageReceipt] = {}
        for attempt in found:
            if attempt.started_at >= self._since:
                newest.setdefault(attempt.stage, attempt)
        return newest

    def _tell(self, out: Console) -> None:
        """Print a line for each stage that changed."""
        for stage in Stage:
            run = self._stages.get(stage)
            if run is None or self._told.get(stage) == (run.attempt, run.state):
                continue
            self._told[stage] = (run.attempt, run.state)
            out.print(
                f"  {time.monotonic() - self._began:6.1f} s  {stage:<9} {run.state:<9} {_rows(run)}".rstrip()
            )

    def _draw(self) -> RenderableType:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for stage in Stage:
            run = self._stages.get(stage)
            state = run.state if run else "waiting"
            mark = (
                Spinner("dots")
                if state == "running"
                else Text(_MARKS.get(state, "\N{MIDDLE DOT}"), coloured(state))
            )
            table.add_row(mark, stage.value, Text(state, coloured(state) or "dim"), _rows(run) if run else "")
        elapsed = human_seconds(time.monotonic() - self._began)
        what = "" if self._stages else ": Airflow starts"
        table.add_row("", "", "", Text(f"{elapsed}{what}", "dim"))
        return table


def _rows(run: StageReceipt) -> str:
    if run.state == "running":
        return f"since {run.started_at:%H:%M:%S} UTC"
    if run.error:
        return f"{run.error_kind}: {' '.join(run.error.split())[:160]}"
    parts = [f"{human_count(run.rows_in)} rows in", f"{human_count(run.rows_out)} out"]
    parts += [f"{human_count(run.rows_dropped)} dropped"] if run.rows_dropped else []
    parts += [f"{human_count(run.rows_quarantined)} quarantined"] if run.rows_quarantined else []
    parts += [f"verdict {run.verdict}"] if run.verdict else []
    return f"{', '.join(parts)}, {human_seconds(run.seconds)}"
