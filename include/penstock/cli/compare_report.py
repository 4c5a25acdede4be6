"""What ``penstock compare`` prints: a table a question, A beside B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.cli.output import shorten, table_of
from penstock.report import words

if TYPE_CHECKING:
    from rich.console import Console

    from penstock.report.comparison import Comparison, Pair

EXAMPLE_CHARS = 130


def print_comparison(out: Console, found: Comparison) -> None:
    """Print a comparison for people."""
    first, second = found.first, found.second
    out.print(f"A  {first.name} ({first.run_key}, recipe {first.recipe_hash[:12]})", style="bold")
    out.print(f"B  {second.name} ({second.run_key}, recipe {second.recipe_hash[:12]})", style="bold")
    rows = [
        (name, *(words.count(value) for value in values))
        for name, values in (
            ("rows in", (first.rows_in, second.rows_in)),
            ("kept", (first.rows_out, second.rows_out)),
            ("dropped", (first.dropped, second.dropped)),
            ("quarantined", (first.quarantined, second.quarantined)),
        )
    ]
    share = [words.percent(side.rows_out, side.rows_in) for side in (first, second)]
    out.print(table_of("", ("", "A", "B"), [*rows, ("share kept", *share)], right=("A", "B")))
    if found.reasons:
        columns = ("step", "reason", "A", "A %", "B", "B %", "difference")
        pairs = [_pair_row(pair) for pair in found.reasons]
        out.print(table_of("Why rows leave", columns, pairs, right=columns[2:]))
    _print_metrics(out, found)
    _print_overlap(out, found)
    for note in found.notes:
        out.print(f"note: {note}")


def _pair_row(pair: Pair) -> tuple[object, ...]:
    first, second = (words.percent(share, 1) for share in pair.shares)
    changed = 100 * (pair.shares[1] - pair.shares[0])
    difference = f"{changed:+.1f} points" if pair.rows[0] != pair.rows[1] else ""
    reason = shorten(pair.reason, 60)
    return (
        pair.step,
        reason,
        words.count(pair.rows[0]),
        first,
        words.count(pair.rows[1]),
        second,
        difference,
    )


def _print_metrics(out: Console, found: Comparison) -> None:
    if not found.metrics:
        return
    columns = ("metric of kept rows", "A 5 %", "A 50 %", "A 95 %", "B 5 %", "B 50 %", "B 95 %")
    rows = []
    for metric in found.metrics:
        cells = [list(map(words.number, values)) or ["–"] * 3 for values in metric.quantiles]
        rows.append((metric.name, *cells[0], *cells[1]))
    out.print(table_of("", columns, rows, right=columns[1:]))


def _print_overlap(out: Console, found: Comparison) -> None:
    overlap = found.overlap
    what = "documents" if overlap.by == "document" else "texts"
    about = " (estimated)" if overlap.is_estimate else ""
    out.print(
        f"{what} kept by both {overlap.both:,}, only by A {overlap.only_first:,}, only by B "
        f"{overlap.only_second:,}{about}: agreement {words.percent(overlap.agreement, 1)}"
    )
    for name, examples in (("only A", overlap.first_examples), ("only B", overlap.second_examples)):
        for example in examples:
            why = f"  [{shorten(example.detail, 70)}]" if example.detail else ""
            out.print(f"  {name}  {example.doc_id[:8]}  {shorten(example.text, EXAMPLE_CHARS)}{why}")
