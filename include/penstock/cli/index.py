"""``penstock index``: what is known of everything published before, for near-duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.lake import parse_age
from penstock.cli.output import JsonFlag, console, human_bytes, human_count, print_json, table_of
from penstock.days import parse_run_key
from penstock.errors import PenstockError
from penstock.locations import locate

if TYPE_CHECKING:
    from penstock.index.catalog import DuplicateIndex
    from penstock.lake import Lake

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The index of near-duplicates: count, compact, rebuild, forget a document.",
)

Dataset = Annotated[str | None, typer.Argument(help="Only this dataset.")]


@app.command()
def stats(dataset: Dataset = None, *, as_json: JsonFlag = False) -> None:
    r"""Show what each index holds, and the days that were compared with another history than there is now.

    \b
    Example:  penstock index stats
              penstock index stats web_text --json
    """
    from penstock.index.maintenance import stats_of

    found = [stats_of(index) for index in _indexes(locate().lake(), dataset)]
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("no index yet: the store stage makes one for a recipe with the step near_duplicates")
        return
    columns = (
        "dataset",
        "index",
        "days",
        "from",
        "to",
        "documents",
        "size",
        "segments",
        "unused",
        "forgotten",
    )
    rows = [
        (
            one.dataset, one.name, one.days, one.first, one.last, human_count(one.documents), human_bytes(one.bytes),
            one.segments, human_bytes(one.stray_bytes), one.forgotten,
        )
        for one in found
    ]  # fmt: skip
    right = ("days", "documents", "size", "segments", "unused", "forgotten")
    console().print(table_of("", columns, rows, right=right))
    for one in found:
        if one.stale_days:
            typer.echo(
                f"{one.dataset}: {len(one.stale_days)} days were compared with another history than there is now; "
                f"run them again, oldest first: {', '.join(one.stale_days)}"
            )


@app.command()
def compact(
    dataset: Dataset = None,
    *,
    older_than: Annotated[
        str,
        typer.Option(help="Keep unused files that are younger: 30m, 12h, 7d (readers may have them open)."),
    ] = "1d",
    as_json: JsonFlag = False,
) -> None:
    r"""Make one segment of the days of each month, and remove files that nothing uses any more.

    \b
    Example:  penstock index compact web_text
    """
    from penstock.index import maintenance

    age = parse_age(older_than)
    done = [maintenance.compact(index, older_than=age) for index in _indexes(locate().lake(), dataset)]
    if as_json:
        print_json(done)
        return
    for one in done:
        typer.echo(
            f"{one.dataset} {one.name}: {one.days} days compacted into {len(one.months)} segments, "
            f"{one.removed_folders} old ones removed ({human_bytes(one.removed_bytes)}), "
            f"{one.kept_young} younger than {older_than} stay"
        )
    if not done:
        typer.echo("no index yet: there is nothing to compact")


@app.command()
def rebuild(
    dataset: Annotated[str, typer.Argument(help="The dataset whose published days are read.")],
    run_key: Annotated[str | None, typer.Argument(help="Only this day (YYYY-MM-DD).")] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    r"""Write the index anew from what is published, after a loss or a change of the recipe's scheme.

    \b
    Example:  penstock index rebuild web_text
    """
    from penstock.recipe import load
    from penstock.store.rebuild_index import rebuild_index

    if run_key is not None:
        parse_run_key(run_key)
    locations = locate()
    recipe = load(locations.recipes / f"{dataset}.yaml")
    done = rebuild_index(locations.lake(), recipe, run_key)
    if as_json:
        print_json(done)
    else:
        for one in done:
            typer.echo(f"{one.run_key}: {human_count(one.documents)} documents, from {one.source}")
        typer.echo(f"{len(done)} published days of {dataset}")
    if any(one.source == "run it" for one in done):
        typer.echo(
            "days marked 'run it' were processed again after they were published: run them to their end"
        )
        raise typer.Exit(1)


@app.command()
def forget(
    doc_id: Annotated[str, typer.Argument(help="The document.")],
    *,
    dataset: Annotated[str | None, typer.Option(help="Only in this dataset.")] = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Take a document out of every index and keep it out (exit code 1 when no index had it).

    This removes what the index knows of the document; the published tables are not touched.

    \b
    Example:  penstock index forget 00c0ffee00c0ffee00c0ffee00c0ffee
    """
    from penstock.index import maintenance

    done = [maintenance.forget(index, doc_id) for index in _indexes(locate().lake(), dataset)]
    found = [one for one in done if one.days]
    if as_json:
        print_json(done)
    else:
        for one in found:
            typer.echo(f"{one.dataset} {one.name}: taken out of {', '.join(one.days)}")
        if not found:
            typer.echo(f"no index has {doc_id}; it stays out of what is published from now on")
    if not found:
        raise typer.Exit(1)


def _indexes(lake: Lake, dataset: str | None) -> list[DuplicateIndex]:
    from penstock.index.catalog import DuplicateIndex, index_names, indexed_datasets

    datasets = indexed_datasets(lake)
    if dataset is not None and dataset not in datasets:
        there = ", ".join(datasets) or "none"
        message = f"index: expected a dataset that has an index (there are: {there}), got {dataset!r}"
        raise PenstockError(message)
    return [
        DuplicateIndex(lake, name, index)
        for name in ([dataset] if dataset else datasets)
        for index in index_names(lake, name)
    ]
