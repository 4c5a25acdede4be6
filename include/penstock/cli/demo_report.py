"""What ``penstock demo`` says at the end: the table, where the time went, the published rows, what to try next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.cli.output import human_seconds, shorten, table_of
from penstock.cli.receipts import receipts_table, remarks
from penstock.errors import PenstockError
from penstock.locations import Locations

if TYPE_CHECKING:
    from rich.console import Console

    from penstock.cli.demo_run import DemoRun

SAMPLE_ROWS = 4
_SHOWN_COLUMNS = ("doc_id", "source", "lang", "label", "sentiment", "word_count", "text")
_MOST_COLUMNS = 7
_TAIL_LINES = 15


def print_report(out: Console, locations: Locations, done: DemoRun) -> None:
    """Print all of it; after a failure, the error, the end of the log and what to do."""
    if done.detail is not None:
        out.print(receipts_table(done.detail))
        for line in remarks(done.detail):
            out.print(f"  {line}")
    if done.failure:
        _print_failure(out, done)
        return
    if done.is_unchanged:
        out.print(
            "\nNothing changed: the same input, parameters and code were published before, and every file was found "
            "intact.",
            style="bold",
        )
    out.print(time_table(done))
    _print_published(out, locations, done)
    _print_next(out, locations, done)


def time_table(done: DemoRun) -> Any:
    """Return where the time went; MB/s and rows are in the table of receipts."""
    total = done.setup_s + done.airflow_s
    rows = [
        (name, human_seconds(seconds), f"{seconds / total:.0%}" if total else "")
        for name, seconds in times(done)
    ]
    rows.append(("all", human_seconds(total), ""))
    if done.spark_start_s:
        rows.append(("Spark start (beside Airflow's)", human_seconds(done.spark_start_s), ""))
    return table_of("where the time went", ("what", "time", "share"), rows, right=("time", "share"))


def times(done: DemoRun) -> list[tuple[str, float]]:
    """Return the parts of the wall time (seconds), which add up to all of it."""
    stages = (
        [(stage.stage.value, stage.seconds or 0.0) for stage in done.detail.stages] if done.detail else []
    )
    overhead = max(0.0, done.airflow_s - done.stages_s)
    return [("set-up", done.setup_s), ("Airflow (imports, tasks)", overhead), *stages]


def as_dict(done: DemoRun) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "dataset": done.dataset,
        "run_key": done.run_key,
        "unchanged": done.is_unchanged,
        "failure": done.failure,
        "log": str(done.log),
        "seconds": dict(times(done)),
        "spark_start_seconds": done.spark_start_s,
        "run": done.detail,
    }


def _print_failure(out: Console, done: DemoRun) -> None:
    out.print(f"\nfailed: {done.failure}", style="bold red")
    out.print(f"log: {done.log}")
    if done.detail is None or not any(stage.error for stage in done.detail.stages):
        for line in _tail(done.log):
            out.print(f"  {line}")
    out.print(
        f"Mend what it says, then run the same again: it goes on. penstock ledger show {done.dataset} {done.run_key}"
    )


def _tail(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return path.read_text("utf-8", errors="replace").splitlines()[-_TAIL_LINES:]


def _print_published(out: Console, locations: Locations, done: DemoRun) -> None:
    from penstock.cli.published import pinned_tables, sample_rows

    tables = pinned_tables(locations, done.dataset, done.run_key)
    for table in tables:
        out.print(
            f"table {table.name} ({table.format}): {table.rows:,} rows of {done.run_key}, "
            f"snapshot {table.snapshot_id}"
        )
        if table.location:
            out.print(f"  {table.location}")
    if not tables:
        return
    try:
        rows = sample_rows(locations, done.dataset, tables[0].table, run_key=done.run_key, limit=SAMPLE_ROWS)
    except (PenstockError, ImportError, OSError, ValueError) as error:
        out.print(f"its rows could not be read here: {type(error).__name__}: {shorten(error, 200)}")
        return
    columns = _columns_to_show(list(rows[0])) if rows else []
    cells = [[_cell(name, row[name]) for name in columns] for row in rows]
    out.print(table_of(f"a few rows of {tables[0].name}, read by PyIceberg or Arrow", columns, cells))


def _cell(name: str, value: object) -> str:
    return "" if value is None else shorten(value, 12 if name == "doc_id" else 60)


def _columns_to_show(names: Sequence[str]) -> list[str]:
    shown = [name for name in _SHOWN_COLUMNS if name in names]
    return shown if len(shown) > 1 else list(names)[:_MOST_COLUMNS]


def _print_next(out: Console, locations: Locations, done: DemoRun) -> None:
    from penstock.trace import any_dropped

    out.print("next:", style="bold")
    gone = any_dropped(locations.lake(), dataset=done.dataset, run_key=done.run_key)
    if gone is not None:
        out.print(f"  penstock why {gone}   # why a document is gone")
    out.print(f"  penstock ledger show {done.dataset} {done.run_key}")
    out.print("  make up   # the web UI, with daily schedules")
    first = date.fromisoformat(done.run_key) + timedelta(days=1)
    last = first + timedelta(days=2)
    out.print(
        f"  bin/airflow backfill create --dag-id {done.dataset} --from-date {first} --to-date {last}   # while it is up"
    )
