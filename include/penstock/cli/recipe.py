"""``penstock recipe``: check recipes and expectations, print their schema, write their defaults out."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.output import JsonFlag, console, print_json, table_of
from penstock.cli.places import known_datasets
from penstock.errors import RecipeError
from penstock.locations import locate

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Recipes: check, show, schema for editors, steps."
)


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Recipes or expectations (default: all).")
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    r"""Check recipes and expectations, and that they fit each other (exit code 1 when one is wrong).

    \b
    Example:  penstock recipe check
              penstock recipe check include/recipes/opinion_text.yaml --json
    """
    from penstock.cli.recipe_check import check_dataset, check_file

    locations = locate()
    if files:
        findings = [finding for path in files for finding in check_file(path, locations)]
    else:
        findings = [f for name in known_datasets(locations) for f in check_dataset(name, locations)]
        if not findings:
            typer.echo(f"penstock: expected recipes in {locations.recipes}, found none", err=True)
            raise typer.Exit(2)
    if as_json:
        print_json(findings)
    else:
        rows = [(finding.state, finding.file, finding.message) for finding in findings]
        console().print(table_of("", ("state", "file", "what"), rows))
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(1)


@app.command()
def schema(
    *,
    expectations: Annotated[bool, typer.Option("--expectations", help="Of the expectations file.")] = False,
    as_json: JsonFlag = False,
) -> None:
    r"""Print the JSON schema of a recipe (or of an expectations file), for editors; it is JSON in any case.

    \b
    Example:  penstock recipe schema > .penstock/recipe.schema.json
    """
    if expectations:
        from penstock.validate.promises import Promises

        print_json(Promises.model_json_schema(by_alias=True))
        return
    from penstock.recipe import json_schema

    print_json(json_schema())


@app.command()
def show(
    dataset: Annotated[str, typer.Argument(help="The name of a recipe, or its file.")],
    *,
    as_json: JsonFlag = False,
) -> None:
    r"""Print a recipe with every default written out.

    \b
    Example:  penstock recipe show opinion_text
    """
    import yaml

    from penstock.recipe import load

    path = Path(dataset) if dataset.endswith((".yaml", ".yml")) else locate().recipes / f"{dataset}.yaml"
    recipe = load(path)
    values = recipe.model_dump(mode="json", by_alias=True)
    if as_json:
        print_json(values)
        return
    typer.echo(f"# {path} (sha256 {recipe.digest})")
    typer.echo(yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=110), nl=False)


@app.command()
def steps(
    kind: Annotated[str | None, typer.Argument(help="One step in full (default: a line each).")] = None,
    *,
    markdown: Annotated[bool, typer.Option("--markdown", help="The tables of docs/filters.md.")] = False,
    update: Annotated[
        Path | None, typer.Option(help="Write these tables into a page, below its mark.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    r"""List the steps of the process section with their parameters.

    \b
    Example:  penstock recipe steps
              penstock recipe steps heuristics
    """
    from penstock.process import catalogue

    if update is not None:
        update.write_text(catalogue.update(update.read_text(encoding="utf-8")), encoding="utf-8")
        typer.echo(f"wrote {update}")
        return
    if markdown:
        typer.echo(catalogue.markdown(), nl=False)
        return
    infos = [info for info in catalogue.describe() if kind in (None, info.kind)]
    if not infos:
        near = difflib.get_close_matches(str(kind), [info.kind for info in catalogue.describe()], n=1)
        hint = f"did you mean {near[0]}?" if near else "penstock recipe steps lists them"
        message = f"expected the kind of a step, got {kind!r}; {hint}"
        raise RecipeError(message)
    if as_json:
        print_json(infos)
        return
    if kind is None:
        rows = [(info.kind, info.group, info.summary.replace("``", "")) for info in infos]
        console().print(table_of("", ("step", "group", "what it does"), rows))
        return
    typer.echo(f"{infos[0].kind} ({infos[0].shape} step)\n\n{infos[0].text}\n")
    cells = [(p.name, p.type, "required" if p.is_required else p.default) for p in infos[0].parameters]
    console().print(table_of("", ("parameter", "type", "default"), cells))
