"""``penstock new-dataset``: the three files of a dataset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from penstock.cli.output import JsonFlag, print_json
from penstock.days import parse_run_key
from penstock.locations import locate

_DEFAULT_HISTORY = timedelta(days=30)


def new_dataset(
    name: Annotated[
        str, typer.Argument(help="Lower-case letters, digits and _ (it names tables and files).")
    ],
    *,
    like: Annotated[
        str | None, typer.Option(help="Copy this dataset's files instead of the templates.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="The first day (YYYY-MM-DD; default: 30 days ago).")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Write dags/NAME.py, include/recipes/NAME.yaml and include/expectations/NAME.yaml; they run as written.

    \b
    Example:  penstock new-dataset shop_reviews
              penstock new-dataset weather_2014 --like airport_weather
    """
    from penstock import scaffold

    today = datetime.now(UTC).date()
    first = parse_run_key(start) if start else today - _DEFAULT_HISTORY
    locations = locate()
    made = scaffold.new_dataset(locations, name, start=first, like=like)
    if as_json:
        print_json(made)
        return
    yesterday = today - timedelta(days=1)
    for path in made.files:
        typer.echo(f"wrote {path}")
    if made.inbox is not None:
        typer.echo(
            f'\nNow put a file there, one JSON object {{"text": "..."}} a line:\n  {made.inbox}/{yesterday}.jsonl'
        )
    typer.echo("\nThen:\n  penstock recipe check")
    typer.echo(f"  bin/airflow dags test {name} {yesterday}\n  penstock ledger show {name} {yesterday}")
