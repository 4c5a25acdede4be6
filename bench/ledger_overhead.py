"""What the ledger adds to a run: seconds inside of its calls, against the wall time of the run's stages.

    python bench/ledger_overhead.py

Runs ingest and transfer of synthetic days of 100,000 lines, with a ledger whose calls are timed. They are the cheapest
stages, so the ledger weighs most in them: their share is an upper bound for a whole run, which also has Spark and the
gate. The goal is at most 1 % of a run.
"""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penstock.ingest.folder import FolderSource
from penstock.ingest.section import IngestSection
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.transfer.section import TransferSection
from penstock.transfer.stage import transfer
from report import save

GOAL = 0.01
DAYS = 5
LINES = 100_000
TIMED = ("start", "finish", "killed_attempts")


class TimedLedger(Ledger):
    """A ledger that adds up the seconds inside of its calls."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.seconds = 0.0
        for name in TIMED:
            setattr(self, name, self._timed(getattr(self, name)))

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - begin

        return timed


def main() -> None:
    """Run the days and report."""
    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder, "inbox")
        inbox.mkdir()
        (inbox / "lines.txt").write_text(
            "".join(f"line {n} of a day\n" for n in range(LINES)), encoding="utf-8"
        )
        section = IngestSection(source=FolderSource(path=str(inbox)))
        recipe = Recipe.only("bench", ingest=section, transfer=TransferSection())
        ledger = TimedLedger(f"sqlite:///{folder}/ledger.db")
        rows = [one_day(recipe, ledger, folder, day) for day in range(1, DAYS + 1)]
    shares = sorted(row["share"] for row in rows)
    save("ledger_overhead", rows, goal=GOAL, median_share=shares[len(shares) // 2])


def one_day(recipe: Recipe, ledger: TimedLedger, folder: str, day: int) -> dict[str, Any]:
    """Run two stages of a day and return what the ledger took of them."""
    run = Run(recipe, f"2026-11-{day:02d}", Lake(f"file://{folder}/lake"), ledger)
    ledger.seconds, begin = 0.0, time.perf_counter()
    ingest(run)
    transfer(run)
    wall = time.perf_counter() - begin
    return {"day": run.run_key, "wall_s": wall, "ledger_s": ledger.seconds, "share": ledger.seconds / wall}


if __name__ == "__main__":
    main()
