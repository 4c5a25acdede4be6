"""The table of a run: a line a stage, as receipts say it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from penstock.cli.output import (
    human_bytes,
    human_count,
    human_seconds,
    megabytes_per_second,
    shorten,
    table_of,
)

if TYPE_CHECKING:
    from rich.table import Table

    from penstock.ledger.views import Count, RunDetail, StageReceipt

_COLUMNS = (
    "stage",
    "rows in",
    "rows out",
    "dropped",
    "quarantined",
    "out",
    "MB/s",
    "time",
    "verdict",
    "state",
)
_RIGHT = ("rows in", "rows out", "out", "MB/s", "time")
_MOST_REASONS = 6


def receipts_table(detail: RunDetail, *, title: str | None = None) -> Table:
    """Return the table; MB/s is of bytes read where a stage counts them, else of bytes written."""
    rows = [_row(stage, detail.counts) for stage in detail.stages]
    return table_of(title or f"{detail.dataset} {detail.run_key}", _COLUMNS, rows, right=_RIGHT)


def _row(stage: StageReceipt, counts: Iterable[Count]) -> tuple[object, ...]:
    own = [count for count in counts if count.stage == stage.stage]
    worked = stage.seconds if stage.state == "success" else None
    return (
        stage.stage.value,
        human_count(stage.rows_in),
        human_count(stage.rows_out),
        _by_reason(stage.rows_dropped, [c for c in own if c.kind == "dropped"]),
        _by_reason(stage.rows_quarantined, [c for c in own if c.kind == "quarantined"]),
        human_bytes(stage.bytes_out or None),
        megabytes_per_second(stage.bytes_in or stage.bytes_out, worked),
        human_seconds(stage.seconds),
        stage.verdict,
        stage.state,
    )


def _by_reason(total: int | None, counts: list[Count]) -> str:
    if total is None or not counts:
        return human_count(total)
    lines = [f"{human_count(total)}"] if len(counts) > 1 else []
    lines += [f"{count.reason} {human_count(count.rows)}" for count in counts[:_MOST_REASONS]]
    if len(counts) > _MOST_REASONS:
        rest = sum(count.rows for count in counts[_MOST_REASONS:])
        lines.append(f"{len(counts) - _MOST_REASONS} others {human_count(rest)}")
    return "\n".join(lines)


def remarks(detail: RunDetail) -> list[str]:
    """Return what there is to say below the table: notes, broken promises, errors, newest deadlines and snapshots."""
    lines = [f"{stage.stage}: {note}" for stage in detail.stages for note in stage.notes]
    lines += [f"{count.stage}: {count.count:,} x {count.kind} masked" for count in detail.masked]
    if detail.verdict is not None:
        lines += [
            f"promise broken ({promise.severity}): {promise.name}: observed {shorten(promise.observed, 80)}"
            + (f", {promise.unexpected_rows:,} rows" if promise.unexpected_rows else "")
            for promise in detail.verdict.expectations
            if not promise.success
        ]
        lines += [f"data docs: {detail.verdict.docs_uri}"] if detail.verdict.docs_uri else []
    lines += [f"{stage.stage} {stage.state}: {stage.error}" for stage in detail.stages if stage.error]
    for late in {late.stage: late for late in reversed(detail.deadlines)}.values():
        lines.append(
            f"deadline missed: {late.stage} was {human_seconds(late.lateness_seconds)} late: {late.cause}"
        )
    for snap in {snap.table_name: snap for snap in reversed(detail.snapshots)}.values():
        lines.append(f"published: {snap.table_name} snapshot {snap.snapshot_id} ({snap.rows:,} rows)")
    return lines
