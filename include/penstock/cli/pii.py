"""``penstock pii``: what counts as personal data, what a text holds, and samples of what was masked for an auditor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.output import JsonFlag, console, print_json, shorten, table_of
from penstock.days import parse_run_key
from penstock.locations import locate

if TYPE_CHECKING:
    from penstock.process.pii.recogniser import Recogniser

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Personal data: kinds, a try, audit samples."
)

Kind = Annotated[list[str] | None, typer.Option("--kind", "-k", help="Only this kind; may be given again.")]


@app.command()
def kinds(*, as_json: JsonFlag = False) -> None:
    r"""List the kinds that the step mask_pii finds, and what each takes.

    \b
    Example:  penstock pii kinds
    """
    rows = [
        (name, "" if cls.default else "model", (cls.__doc__ or "").strip().splitlines()[0])
        for name, cls in _family().items()
    ]
    if as_json:
        print_json([{"kind": kind, "needs": needs, "what": what} for kind, needs, what in rows])
        return
    console().print(table_of("", ("kind", "needs", "what it takes"), rows))


@app.command()
def find(
    file: Annotated[Path | None, typer.Argument(help="A text file; left out: standard input.")] = None,
    *,
    kind: Kind = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Show what is found in a text, as it is and where: to judge the kinds before a recipe names them.

    \b
    Example:  penstock pii find README.md
    """
    from penstock.process.pii.layer import find_spans
    from penstock.process.pii.mask_pii import MaskPii

    text = file.read_text(encoding="utf-8", errors="replace") if file else sys.stdin.read()
    ((content, spans),) = find_spans([text], MaskPii.model_validate({"kinds": kind or "all"}).kinds)
    rows = []
    for span in spans:
        line = content.count(b"\n", 0, span.start) + 1
        rows.append((line, span.kind, content[span.start : span.end].decode("utf-8", "replace"), span.value))
    if as_json:
        print_json([dict(zip(("line", "kind", "text", "value"), row, strict=True)) for row in rows])
        return
    shown = [(line, kind, shorten(found, 80), shorten(value, 60)) for line, kind, found, value in rows]
    console().print(table_of("", ("line", "kind", "text", "value"), shown, right=["line"]))


@app.command()
def sample(
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    run_key: Annotated[str, typer.Argument(help="The day (YYYY-MM-DD).")],
    *,
    kind: Kind = None,
    as_json: JsonFlag = False,
) -> None:
    r"""Show a sample of what a run masked: kind, shape, and the masked text around; never the data itself.

    \b
    Example:  penstock pii sample opinion_text 2026-11-16 --kind phone
    """
    from penstock.manifest import Zone
    from penstock.process.pii import sample as samples

    parse_run_key(run_key)
    lake = locate().lake()
    finds = samples.read(lake, lake.manifest(Zone.CLEAN, dataset, run_key))
    finds = [find for find in finds if not kind or find.kind in kind]
    if as_json:
        print_json(finds)
        return
    if not finds:
        typer.echo("nothing was masked, or the recipe's step mask_pii says sample: false")
        return
    rows = [
        (f.kind, f.doc_id[:12], shorten(f.left, 50), shorten(f.shape, 40), shorten(f.right, 50))
        for f in finds
    ]
    console().print(table_of("", ("kind", "document", "before", "shape", "after"), rows))


def _family() -> dict[str, type[Recogniser]]:
    from penstock.params import members
    from penstock.process.pii.recogniser import GROUP, PACKAGE, Recogniser

    return members(Recogniser, package=PACKAGE, group=GROUP)  # type: ignore[return-value]
