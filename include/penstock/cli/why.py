"""``penstock why``: where a document came from and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penstock.cli.output import JsonFlag, coloured, console, print_json, shorten
from penstock.cli.places import open_ledger
from penstock.days import parse_run_key
from penstock.errors import PenstockError
from penstock.locations import Locations, locate

if TYPE_CHECKING:
    from rich.console import Console

    from penstock.trace import CountInTable, DayTrace, Passage

_MOST_VALUES = 12


def why(
    doc_id: Annotated[str, typer.Argument(help="The id, or at least 6 of its first characters.")],
    *,
    dataset: Annotated[str | None, typer.Option("--dataset", "-d", help="Search only this dataset.")] = None,
    run_key: Annotated[str | None, typer.Option("--run-key", "-k", help="Search only this day.")] = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Say where a document came from, what each stage did with it, and where it is or why it is gone.

    \b
    Example:  penstock why 4f2a9c
              penstock why 4f2a9c --dataset opinion_text --run-key 2026-11-16 --json
    """
    from penstock.trace import UnknownDocumentError, trace

    if run_key is not None:
        parse_run_key(run_key)
    locations = locate()
    ledger = open_ledger(locations)
    try:
        found = trace(
            locations.lake(),
            doc_id,
            ledger=ledger,
            dataset=dataset,
            run_key=run_key,
            count_in_table=table_counter(locations),
        )
    except UnknownDocumentError as error:
        typer.echo(f"penstock: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        print_json(found)
        return
    out = console()
    out.print(f"document {found.doc_id}", style="bold")
    for day in found.days:
        _print_day(out, day)
    for problem in found.problems:
        out.print(f"could not read: {problem}", style="red")


def table_counter(locations: Locations) -> CountInTable:
    """Return a function that counts a document's rows in a published table; ``None`` where that cannot be read."""

    def count(dataset: str, table: str, run_key: str, doc_id: str) -> int | None:
        from penstock.cli.published import count_rows

        try:
            return count_rows(locations, dataset, table, run_key=run_key, doc_id=doc_id)
        except (PenstockError, ImportError, OSError, ValueError):
            return None

    return count


def _print_day(out: Console, day: DayTrace) -> None:
    from rich.text import Text

    head = Text(f"\n{day.dataset} {day.run_key}  ").append(
        day.fate.value, style=f"bold {coloured(day.fate.value)}"
    )
    out.print(head.append(f"  {day.reason}" if day.reason else ""))
    for name, value in _head_lines(day):
        out.print(f"  {name:<9} {value}")
    shown: dict[str, Any] = {}
    for passage in day.passages:
        out.print(f"  {passage.stage:<9} {_sentence(passage, shown)}")
        shown |= passage.values
    for table in day.tables:
        rows = "" if table.rows is None else f", {table.rows} row{'' if table.rows == 1 else 's'} of it"
        out.print(f"            {table.table_name} ({table.table_format}) snapshot {table.snapshot_id}{rows}")
    if day.duplicate_of:
        out.print(f"  next      penstock why {day.duplicate_of}")


def _head_lines(day: DayTrace) -> list[tuple[str, str]]:
    text = None if day.text is None else shorten(day.text, 120)
    runs = ", ".join(dict.fromkeys(passage.run_id for passage in day.passages if passage.run_id))
    known = {"text": text, "source": day.origin.origin_uri, "run": runs}
    return [(name, value) for name, value in known.items() if value]


def _sentence(passage: Passage, shown: Mapping[str, Any]) -> str:
    """Return what a stage did; of the values, those that it added or changed."""
    values = {name: value for name, value in passage.values.items() if shown.get(name) != value}
    parts = [passage.what, passage.detail, _values(values) if passage.what == "kept" else ""]
    when = f"{passage.at:%H:%M:%S}  " if passage.at else ""
    return when + ": ".join(part for part in parts if part)


def _values(values: Mapping[str, Any]) -> str:
    told = {name: value for name, value in values.items() if value not in ([], {}, "")}
    return ", ".join(f"{name} {shorten(value, 40)}" for name, value in list(told.items())[:_MOST_VALUES])
