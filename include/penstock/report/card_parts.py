"""What a card says in every format: the funnel line by line, how to reproduce and to cite."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.receipt import Stage
from penstock.report.card import Card

FlowRow = tuple[str, str, int, int, int, int]
"""``stage`` or ``reason``, its name, rows before it (for a reason: those that stay), rows, dropped, quarantined."""


def flow_rows(card: Card) -> Iterator[FlowRow]:
    """Yield each stage and, below it, each reason for which rows left there."""
    by_reason = {reason.reason: reason.step for reason in card.reasons}
    for stage in card.flow:
        dropped, held = sum(stage.dropped.values()), sum(stage.quarantined.values())
        yield "stage", stage.stage.value, 0, stage.rows_in, dropped, held
        stays = stage.rows_out
        for kind, counts in (("dropped", stage.dropped), ("quarantined", stage.quarantined)):
            for reason, rows in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
                step = by_reason.get(reason)
                name = f"{step}: {reason}" if step and stage.stage is Stage.PROCESS else reason
                left = (rows, 0) if kind == "dropped" else (0, rows)
                yield "reason", name, stays, rows, *left
                stays += rows


def verdict_words(verdict: str | None) -> tuple[str, str]:
    """Return the kind of a verdict and what to say of it."""
    known = {
        "pass": ("pass", "passed the gate"),
        "warn": ("warn", "passed the gate with warnings"),
        "fail": ("fail", "stopped by the gate"),
    }
    return known.get(verdict or "", ("calm", "no verdict known"))


def reproduce(card: Card) -> str:
    """Return the commands that make the same rows again."""
    version = card.provenance.code_version
    lines = [
        f"# code {version}, recipe {card.provenance.recipe_hash[:12]} (bin/penstock recipe show {card.dataset})",
        f"bin/airflow dags test {card.dataset} {card.run_key}",
        f"bin/penstock card {card.dataset} {card.run_key}",
    ]
    return "\n".join(lines)


def cite(card: Card) -> str:
    """Return a BibTeX entry that names the snapshot."""
    pinned = ", ".join(f"{s['table']}@{s['snapshot_id']}" for s in card.provenance.snapshots) or "no table"
    return (
        f"@misc{{{card.dataset}-{card.run_key},\n"
        f"  title = {{{card.dataset}, {card.run_key}}},\n"
        f"  year = {{{card.run_key[:4]}}},\n"
        f"  note = {{{card.documents:,} rows; snapshots {pinned}; fingerprint {card.provenance.fingerprint[:16]}}}\n"
        "}"
    )
