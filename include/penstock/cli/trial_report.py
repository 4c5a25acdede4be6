"""What ``penstock try`` prints: the funnel, the reasons with what was measured, and examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.cli.output import human_count, human_seconds, shorten, table_of
from penstock.report import words

if TYPE_CHECKING:
    from rich.console import Console

    from penstock.report.reasons import Reason
    from penstock.report.trial import StepRun, Trial

EXAMPLE_CHARS = 150


def print_trial(out: Console, trial: Trial) -> None:
    """Print a trial for people."""
    out.print(_headline(trial), style="bold")
    for setting in trial.settings:
        out.print(f"  with {setting}" if "=" in setting else f"  {setting}")
    columns = ("step", "rows in", "dropped", "quarantined", "rows out", "share left", "time", "µs a row", "")
    rows = [_step_row(step, trial.rows_in) for step in trial.steps]
    out.print(table_of("", columns, rows, right=columns[1:-1]))
    if trial.reasons:
        names = ("step", "reason", "rows", "share", "measured (least, middle, most)", "limit")
        left = [_reason_row(reason) for reason in trial.reasons]
        out.print(table_of("", names, left, right=("rows", "share")))
        _print_examples(out, trial)
    else:
        out.print("No row left the flow.")
    for note in trial.notes:
        out.print(f"note: {note}")
    loading = f" and {human_seconds(trial.load_seconds)} to load models" if trial.load_seconds >= 0.05 else ""
    out.print(
        f"{human_count(trial.rows_out)} of {human_count(trial.rows_in)} rows are left "
        f"({words.percent(trial.rows_out, trial.rows_in)}); {human_seconds(trial.seconds - trial.load_seconds)}"
        f"{loading}. Nothing was published."
    )


def _headline(trial: Trial) -> str:
    of = f" of {human_count(trial.rows_of_day)}" if trial.rows_of_day else ""
    return (
        f"{trial.dataset} {trial.run_key}: {human_count(trial.rows_in)}{of} raw rows "
        f"(seed {trial.seed}, recipe {trial.recipe_hash[:12]})"
    )


def _step_row(step: StepRun, rows_in: int) -> tuple[object, ...]:
    if step.skipped:
        return (step.step, "", "", "", human_count(step.rows_out), "", "", "", f"skipped: {step.skipped}")
    each = step.seconds / step.rows_in * 1e6 if step.seconds is not None and step.rows_in else None
    remark = {"frame": "on Spark", "gate": "on Spark"}.get(step.kind, "")
    return (
        step.step,
        human_count(step.rows_in),
        human_count(step.dropped) if step.dropped else "",
        human_count(step.failed) if step.failed else "",
        human_count(step.rows_out),
        words.percent(step.rows_out, rows_in),
        human_seconds(step.seconds),
        "" if each is None or step.kind != "document" else f"{each:,.0f}",
        remark,
    )


def _reason_row(reason: Reason) -> tuple[object, ...]:
    measured = ", ".join(words.number(value) for value in reason.spread) if reason.spread else ""
    limit = (
        f"{reason.limit.name.split('.', 1)[-1]} {words.number(reason.limit.value)}" if reason.limit else ""
    )
    state = shorten(reason.reason, 60)
    return (reason.step, state, human_count(reason.rows), words.percent(reason.share, 1), measured, limit)


def _print_examples(out: Console, trial: Trial) -> None:
    for reason in trial.reasons:
        if not reason.examples:
            continue
        out.print(f"{reason.step}: {shorten(reason.reason, 80)}", style="bold")
        for example in reason.examples:
            value = "" if example.value is None else f"{words.number(example.value)}  "
            detail = f"  [{shorten(example.detail, 40)}]" if example.detail else ""
            out.print(f"  {example.doc_id[:8]}  {value}{shorten(example.text, EXAMPLE_CHARS)}{detail}")
    out.print("")
