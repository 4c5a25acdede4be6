"""``penstock card``: the dataset card of a published day."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.output import JsonFlag, print_json
from penstock.days import parse_run_key
from penstock.locations import Locations, locate

if TYPE_CHECKING:
    from penstock.report.card import CardMaker


class Format(StrEnum):
    """How a card is written."""

    HTML = "html"
    MARKDOWN = "md"


def card(
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    day: Annotated[str, typer.Argument(help="The published day (YYYY-MM-DD).")],
    *,
    format_: Annotated[
        Format, typer.Option("--format", help="One page with plots, or Markdown.")
    ] = Format.HTML,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="The file (- prints; default: below PENSTOCK_HOME).")
    ] = None,
    attach: Annotated[
        bool, typer.Option("--attach", help="Write it into the lake, where the Penstock page links to it.")
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Count every word and token.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed shows other samples.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    r"""Write what a published day holds, what left it and why, and where it came from.

    \b
    Example:  penstock card opinion_text 2026-11-16
              penstock card opinion_text 2026-11-16 --format md --output card.md
              penstock card opinion_text 2026-11-16 --attach
    """
    from penstock.report.write import write_card

    parse_run_key(day)
    locations = locate()
    made = _maker(locations, dataset, day, exact=exact, seed=seed).make()
    if attach:
        for path in write_card(locations.lake(), made):
            typer.echo(f"wrote {locations.lake().full(path)}", err=as_json)
    if as_json:
        print_json(made)
        return
    if attach and output is None:
        return
    if format_ is Format.HTML:
        from penstock.report.card_html import render
    else:
        from penstock.report.card_markdown import render
    _write(render(made), output, locations.home / "reports" / f"{dataset}-{day}.{format_.value}")


def _maker(locations: Locations, dataset: str, day: str, *, exact: bool, seed: int) -> CardMaker:
    """Return what makes the card; recipe, promises and ledger only add to it."""
    from penstock import recipe as recipes
    from penstock.report.card import CardMaker
    from penstock.validate import promises

    recipe_path = locations.recipes / f"{dataset}.yaml"
    promises_path = locations.expectations / f"{dataset}.yaml"
    ledger_file = locations.ledger_file
    return CardMaker(
        lake=locations.lake(),
        dataset=dataset,
        run_key=day,
        recipe=recipes.load(recipe_path) if recipe_path.is_file() else None,
        promises=promises.load(promises_path) if promises_path.is_file() else None,
        ledger=locations.ledger() if ledger_file is None or ledger_file.is_file() else None,
        seed=seed,
        exact=exact,
    )


def _write(text: str, output: str | None, default: Path) -> None:
    if output == "-":
        typer.echo(text, nl=False)
        return
    path = Path(output) if output else default
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="replace")
    typer.echo(f"wrote {path}")
