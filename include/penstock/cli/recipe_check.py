"""Check the files of a dataset alone and against each other, as far as can be known without running it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from penstock.errors import RecipeError
from penstock.locations import Locations
from penstock.params import Params

if TYPE_CHECKING:
    from penstock.recipe import Recipe
    from penstock.validate.promises import Promises


Loaded = TypeVar("Loaded")


class Finding(Params):
    """What was found in one file: ``failed`` stops a run, ``warn`` is worth a look."""

    state: Literal["ok", "warn", "failed"]
    file: str
    message: str


def check_file(path: Path, locations: Locations) -> list[Finding]:
    """Check one file; a recipe or expectations file of the project also against its partner."""
    parent = path.absolute().parent
    if parent in {locations.recipes.absolute(), locations.expectations.absolute()} and path.is_file():
        name = str(path.absolute())
        return [
            found for found in check_dataset(path.stem, locations) if str(Path(found.file).absolute()) == name
        ]
    findings: list[Finding] = []
    if parent.name == "expectations":
        _try(findings, path, _load_promises)
    else:
        _try(findings, path, _load_recipe)
    return findings or [_finding("ok", path, "well formed")]


def check_dataset(dataset: str, locations: Locations) -> list[Finding]:
    """Check a dataset's recipe, its expectations and that the three files of it are there."""
    recipe_path = locations.recipes / f"{dataset}.yaml"
    promises_path = locations.expectations / f"{dataset}.yaml"
    findings: list[Finding] = []
    recipe = _try(findings, recipe_path, _load_recipe)
    promises = None
    if promises_path.is_file():
        promises = _try(findings, promises_path, _load_promises)
    else:
        findings.append(
            _finding("failed", promises_path, "expected this file, found none: validate cannot run")
        )
    if not (locations.dags / f"{dataset}.py").is_file():
        findings.append(_finding("warn", recipe_path, f"expected the flow dags/{dataset}.py, found none"))
    if recipe is not None:
        findings += _cross_checks(recipe, promises, recipe_path, promises_path)
    for path in (recipe_path, promises_path):
        if (
            not any(found.file == str(path) and found.state == "failed" for found in findings)
            and path.is_file()
        ):
            findings.append(_finding("ok", path, "well formed"))
    return sorted(findings, key=lambda found: (found.file, found.state))


def known_columns(recipe: Recipe) -> tuple[set[str], bool, list[str]]:
    """Return the clean columns, whether these are surely all, and what a step reads that nothing before it makes.

    A frame step may add or rename what it does not declare: after one, a missing column is a doubt, not an error.
    """
    from penstock.process.step import DocumentStep

    columns = {"doc_id", "run_key", "provenance", *(column.name for column in recipe.transfer.columns())}
    is_sure, gaps = True, []
    for step in recipe.process.steps:
        absent = [name for name in step.reads() if name not in columns]
        if absent and is_sure:
            kind = getattr(step, "kind", type(step).__name__)
            gaps.append(f"process: step {kind} reads {', '.join(absent)}, which nothing before it makes")
        columns |= set(step.adds())
        is_sure = is_sure and isinstance(step, DocumentStep)
    return columns, is_sure, gaps


def _cross_checks(
    recipe: Recipe, promises: Promises | None, recipe_path: Path, promises_path: Path
) -> Iterator[Finding]:
    columns, is_sure, gaps = known_columns(recipe)
    for gap in gaps:
        yield _finding("failed", recipe_path, gap)
    for table in recipe.store.tables_of(recipe.dataset):
        yield from _missing(table.columns, columns, is_sure, f"store: table {table.name}", recipe_path)
    for promise in promises.expectations if promises else ():
        yield from _missing(promise.columns, columns, is_sure, f"promise {promise.name!r}", promises_path)


def _missing(
    wanted: Iterable[str], columns: set[str], is_sure: bool, who: str, path: Path
) -> Iterator[Finding]:
    for name in wanted:
        if name in columns:
            continue
        near = difflib.get_close_matches(name, sorted(columns), n=1)
        hint = f"did you mean {near[0]}?" if near else f"columns: {', '.join(sorted(columns))}"
        doubt = "" if is_sure else " (as far as the steps declare)"
        yield _finding(
            "failed" if is_sure else "warn",
            path,
            f"{who} names {name}, which process does not make{doubt}; {hint}",
        )


def _load_recipe(path: Path) -> Recipe:
    from penstock.recipe import load

    return load(path)


def _load_promises(path: Path) -> Promises:
    from penstock.validate.promises import load

    return load(path)


def _try(findings: list[Finding], path: Path, read: Callable[[Path], Loaded]) -> Loaded | None:
    """Read a file; each line of what is wrong with it is a finding."""
    try:
        return read(path)
    except RecipeError as error:
        findings += [_finding("failed", path, line) for line in str(error).splitlines()]
        return None


def _finding(state: Literal["ok", "warn", "failed"], path: Path, message: str) -> Finding:
    return Finding(state=state, file=str(path), message=message)
