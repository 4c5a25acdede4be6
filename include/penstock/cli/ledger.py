"""``penstock ledger``: what happened, from the receipts."""

from __future__ import annotations

from typing import Annotated

import typer

from penstock.cli.output import (
    JsonFlag,
    console,
    human_count,
    human_seconds,
    print_json,
    shorten,
    table_of,
)
from penstock.cli.places import open_ledger
from penstock.days import parse_run_key

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What happened: runs, receipts, drops, verdicts."
)

Dataset = Annotated[str | None, typer.Option("--dataset", "-d", help="Only this dataset.")]
RunKey = Annotated[str | None, typer.Option("--run-key", "-k", help="Only this day (YYYY-MM-DD).")]
Since = Annotated[str | None, typer.Option("--from", help="The first day (YYYY-MM-DD).")]
Until = Annotated[str | None, typer.Option("--to", help="The last day (YYYY-MM-DD).")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest first.")]


@app.command()
def runs(
    *,
    dataset: Dataset = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 14,
    as_json: JsonFlag = False,
) -> None:
    r"""List the runs: dataset, day, how far it came, rows.

    \b
    Example:  penstock ledger runs --dataset opinion_text --from 2026-11-10
    """
    from penstock.ledger import views

    _check_days(since, until)
    ledger = open_ledger()
    names = [dataset] if dataset else None
    days = views.days(ledger, datasets=names, since=since, until=until, limit=limit)
    cells = views.grid(ledger, run_keys=days, datasets=names)
    if as_json:
        print_json(cells)
        return
    rows = []
    for cell in cells:
        last = cell.stages[-1]
        stages = " ".join(
            f"{run.stage}:{run.state}" for run in cell.stages if run.state not in {"success", "unchanged"}
        )
        rows.append(
            (
                cell.run_key,
                cell.dataset,
                cell.state,
                cell.verdict,
                human_count(cell.stages[0].rows_in),
                human_count(sum(run.rows_dropped or 0 for run in cell.stages)),
                human_count(sum(run.rows_quarantined or 0 for run in cell.stages)),
                human_count(last.rows_out),
                human_seconds(sum(run.seconds or 0 for run in cell.stages)),
                stages or last.stage,
                " ".join(cell.late),
            )
        )
    columns = (
        "day",
        "dataset",
        "state",
        "verdict",
        "rows in",
        "dropped",
        "quarantined",
        "rows out",
        "time",
        "stage",
        "late",
    )
    console().print(table_of("", columns, rows, right=columns[4:9]))


@app.command()
def show(dataset: str, run_key: str, *, as_json: JsonFlag = False) -> None:
    r"""Show one run whole: a receipt a stage, drops by reason, promises, snapshots.

    \b
    Example:  penstock ledger show opinion_text 2026-11-16
    """
    from penstock.cli.receipts import receipts_table, remarks
    from penstock.ledger import views

    _check_days(run_key)
    ledger = open_ledger()
    detail = views.run(ledger, dataset, run_key)
    if detail is None:
        known = ", ".join(views.datasets(ledger)) or "none"
        typer.echo(f"no run of {dataset} for {run_key} in the ledger; datasets that ran: {known}", err=True)
        raise typer.Exit(1)
    if as_json:
        print_json(detail)
        return
    out = console()
    out.print(receipts_table(detail))
    for line in remarks(detail):
        out.print(f"  {line}")


@app.command()
def drops(
    *,
    dataset: Dataset = None,
    run_key: RunKey = None,
    since: Since = None,
    until: Until = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Count the rows that left the flow, by reason: dropped by a step, quarantined by a promise.

    \b
    Example:  penstock ledger drops --dataset opinion_text --run-key 2026-11-16
    """
    from penstock.ledger import views

    _check_days(run_key, since, until)
    counts = views.counts(open_ledger(), dataset=dataset, run_key=run_key, since=since, until=until)
    if as_json:
        print_json(counts)
        return
    rows = [(c.run_key, c.dataset, c.stage.value, c.kind, c.reason, human_count(c.rows)) for c in counts]
    console().print(table_of("", ("day", "dataset", "stage", "what", "reason", "rows"), rows, right=["rows"]))


@app.command()
def verdicts(
    *, dataset: Dataset = None, run_key: RunKey = None, limit: Limit = 20, as_json: JsonFlag = False
) -> None:
    r"""List what the gate said, with the promises that were broken.

    \b
    Example:  penstock ledger verdicts --dataset airport_weather
    """
    from penstock.ledger import views

    _check_days(run_key)
    found = views.verdicts(open_ledger(), dataset=dataset, run_key=run_key, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = []
    for verdict in found:
        broken = [
            f"{e.severity}: {e.name} ({human_count(e.unexpected_rows) or shorten(e.observed, 40)})"
            for e in verdict.expectations
            if not e.success
        ]
        kept = f"{sum(e.success for e in verdict.expectations)} of {len(verdict.expectations)}"
        rows.append(
            (
                f"{verdict.at:%Y-%m-%d %H:%M}",
                verdict.run_key,
                verdict.dataset,
                verdict.verdict,
                kept,
                "\n".join(broken),
            )
        )
    console().print(table_of("", ("at (UTC)", "day", "dataset", "verdict", "kept", "broken"), rows))


@app.command()
def deadlines(
    *, dataset: Dataset = None, run_key: RunKey = None, limit: Limit = 20, as_json: JsonFlag = False
) -> None:
    r"""List the deadlines that were missed: by how much, why, and who was told.

    \b
    Example:  penstock ledger deadlines --limit 5
    """
    from penstock.ledger import views

    _check_days(run_key)
    found = views.deadlines(open_ledger(), dataset=dataset, run_key=run_key, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            d.run_key,
            d.dataset,
            d.stage,
            f"{d.due_at:%Y-%m-%d %H:%M}",
            human_seconds(d.lateness_seconds),
            d.cause,
            d.notified,
        )
        for d in found
    ]
    columns = ("day", "dataset", "stage", "due (UTC)", "late by", "cause", "told")
    console().print(table_of("", columns, rows, right=["late by"]))


@app.command()
def events(
    *, dataset: Dataset = None, run_key: RunKey = None, limit: Limit = 40, as_json: JsonFlag = False
) -> None:
    r"""List the state changes of stages, the newest first.

    \b
    Example:  penstock ledger events --dataset opinion_text --limit 10
    """
    from penstock.ledger import views

    _check_days(run_key)
    found = views.events(open_ledger(), dataset=dataset, run_key=run_key, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            f"{e.at:%Y-%m-%d %H:%M:%S}",
            e.run_key,
            e.dataset,
            e.stage,
            e.kind,
            e.attempt,
            shorten(e.detail or "", 80),
        )
        for e in found
    ]
    console().print(table_of("", ("at (UTC)", "day", "dataset", "stage", "what", "attempt", "detail"), rows))


def _check_days(*days: str | None) -> None:
    for day in days:
        if day is not None:
            parse_run_key(day)
