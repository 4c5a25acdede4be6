"""``penstock compare``: two recipes on the same rows, or two days, side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from penstock.cli.output import JsonFlag, console, print_json
from penstock.days import parse_run_key
from penstock.errors import PenstockError
from penstock.locations import Locations, locate

if TYPE_CHECKING:
    from penstock.recipe import Recipe
    from penstock.report.comparison import Comparison

_DAY = re.compile(r"(?:(?P<dataset>[a-z][a-z0-9_]*):)?(?P<day>\d{4}-\d\d-\d\d)")


class _Day(NamedTuple):
    dataset: str
    run_key: str


def compare(  # noqa: PLR0913 - the options of the command
    first: Annotated[
        str, typer.Argument(metavar="A", help="A recipe (name or file), or a day: opinion_text:2026-11-16.")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="The same kind of thing.")],
    *,
    day: Annotated[
        str | None, typer.Option("--day", "-k", help="Recipes: the day (default: the newest with raw rows).")
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="Recipes: rows to try.")] = 1000,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Recipes: KEY=VALUE for B; may be given again.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", help="Recipes: a step to leave out of both; may be given again."),
    ] = None,
    with_spark: Annotated[
        bool, typer.Option("--with-spark", help="Recipes: start Spark for frame steps if no server runs.")
    ] = False,
    dataset: Annotated[str | None, typer.Option("--dataset", "-d", help="Days: the dataset of both.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other rows.")] = 0,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write a page with plots to this file.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Show two recipes on the same raw rows, or two published days: rows, reasons, metrics, what both keep.

    \b
    Example:  penstock compare opinion_text opinion_text --set process.min_chars=30
              penstock compare include/recipes/opinion_text.yaml /tmp/stricter.yaml --html diff.html
              penstock compare opinion_text:2026-11-16 opinion_text:2026-11-17
    """
    locations = locate()
    days = [_day(word, dataset) for word in (first, second)]
    if days[0] and days[1]:
        found = _days(locations, days[0], days[1], seed)
    elif days[0] or days[1]:
        message = f"compare: expected two recipes or two days, got one of each: {first} and {second}"
        raise PenstockError(message)
    else:
        words = (first, second)
        found = _recipes(
            locations, words, day, sample, settings or (), without or (), with_spark, seed, as_json
        )
    if html is not None:
        _write(html, found)
    if as_json:
        print_json(found)
        return
    from penstock.cli.compare_report import print_comparison

    print_comparison(console(), found)


def _day(word: str, dataset: str | None) -> _Day | None:
    match = _DAY.fullmatch(word)
    if match is None:
        return None
    name = match["dataset"] or dataset
    if name is None:
        message = f"compare: expected a dataset with the day {word}; write opinion_text:{word}, or name it by --dataset"
        raise PenstockError(message)
    parse_run_key(match["day"])
    return _Day(name, match["day"])


def _days(locations: Locations, first: _Day, second: _Day, seed: int) -> Comparison:
    from penstock import recipe as recipes
    from penstock.report.comparison import compare_days
    from penstock.report.days import key_column, observe_day

    lake = locations.lake()
    by = key_column(lake, *first, "text")
    sides = []
    for name, run_key in (first, second):
        path = locations.recipes / f"{name}.yaml"
        recipe = recipes.load(path) if path.is_file() else None
        sides.append(observe_day(lake, name, run_key, recipe=recipe, by=by, seed=seed))
    return compare_days(sides[0], sides[1], by=by)


def _recipes(
    locations: Locations,
    words: tuple[str, str],
    day: str | None,
    sample: int,
    settings: Sequence[str],
    without: Sequence[str],
    with_spark: bool,
    seed: int,
    quiet: bool,
) -> Comparison:
    from penstock.cli.trial import TrialPlaces, progress
    from penstock.report.comparison import compare_trials
    from penstock.report.overrides import load_with

    told = ([f"without {name}" for name in without], [*settings, *(f"without {name}" for name in without)])
    recipes: list[Recipe] = []
    for word, values in zip(words, ((), settings), strict=True):
        recipes.append(load_with(_path(locations, word), values, without=without))
    if recipes[0].dataset != recipes[1].dataset:
        message = (
            f"compare: expected two recipes of one dataset, got {recipes[0].dataset} and {recipes[1].dataset}; their "
            "rows are not the same"
        )
        raise PenstockError(message)
    places = TrialPlaces(locations, with_spark=with_spark)
    with places.sampled(recipes[0], day, sample, seed=seed) as (run_key, chosen), progress(quiet) as tell:
        tried = [
            places.run(recipe, run_key, chosen, settings=set_, seed=seed, examples=0, tell=tell)
            for recipe, set_ in zip(recipes, told, strict=True)
        ]
    names = _names(words, settings)
    return compare_trials(tried[0], tried[1], names, recipes[0].process.text_column)


def _path(locations: Locations, word: str) -> Path:
    return Path(word) if word.endswith((".yaml", ".yml")) else locations.recipes / f"{word}.yaml"


def _names(words: tuple[str, str], settings: Sequence[str]) -> tuple[str, str]:
    """Return short names of the two that differ."""
    first, second = (Path(word).stem if word.endswith((".yaml", ".yml")) else word for word in words)
    if settings:
        second = f"{second} with {', '.join(settings)}"
    return (first, second) if first != second else (words[0], words[1])


def _write(path: Path, found: Comparison) -> None:
    from penstock.report.comparison_html import render

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(found), encoding="utf-8", errors="replace")
    typer.echo(f"wrote {path}", err=True)
