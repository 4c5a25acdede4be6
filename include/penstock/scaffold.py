"""Write the three files of a new dataset: flow, recipe, expectations. They run as written.

Without a model they come from templates (a folder that files are dropped into); ``like`` copies a dataset's own files.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from string import Template

from penstock.errors import PenstockError, RecipeError
from penstock.locations import Locations
from penstock.params import Params

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TAKEN = {"airflow", "penstock", "penstock_airflow", "conftest", "dags", "plugins", "include"}


class Scaffold(Params):
    """What was written: the three files, and the folder that waits for input (without ``like``)."""

    dataset: str
    files: tuple[Path, ...]
    inbox: Path | None = None


def new_dataset(locations: Locations, name: str, *, start: date, like: str | None = None) -> Scaffold:
    """Write the files of the dataset ``name``; all of them or none.

    Raises:
        RecipeError: when the name cannot be one, or ``like`` names no dataset.
        PenstockError: when a file is there already.
    """
    check_name(name)
    contents = _contents(locations, name, start, like)
    _refuse_to_overwrite(name, contents)
    _write_all(contents)
    inbox = None if like else _make_inbox(locations, name)
    return Scaffold(dataset=name, files=tuple(contents), inbox=inbox)


def check_name(name: str) -> None:
    """Refuse a name that is no table, file and Python name at once.

    Raises:
        RecipeError: saying which rule it breaks, with a name that would do.
    """
    if (
        _NAME.fullmatch(name)
        and not keyword.iskeyword(name)
        and not keyword.issoftkeyword(name)
        and name not in _TAKEN
    ):
        return
    near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:90]
    near = near if _NAME.fullmatch(near) and near != name else f"raw_{near}".rstrip("_")
    message = (
        "new-dataset: expected a name of lower-case letters, digits and _ that begins with a letter, has at most 100 "
        f"characters and is no word of Python or Penstock, got {name!r}; try {near}"
    )
    raise RecipeError(message)


def _contents(locations: Locations, name: str, start: date, like: str | None) -> dict[Path, str]:
    paths = _paths(locations, name)
    if like is None:
        values = {
            "name": name,
            "start": start.isoformat(),
            "title": "JSON lines from a folder, one day at a time.",
        }
        templates = ("dag.py.tmpl", "recipe.yaml.tmpl", "expectations.yaml.tmpl")
        return {path: _fill(template, values) for path, template in zip(paths, templates, strict=True)}
    models = _paths(locations, like)
    missing = [path for path in models if not path.is_file()]
    if missing:
        known = ", ".join(sorted(path.stem for path in locations.recipes.glob("*.yaml"))) or "none"
        message = f"new-dataset: expected --like to name a dataset ({known}), got {like!r}: there is no {missing[0]}"
        raise RecipeError(message)
    return {
        path: _rename(model.read_text("utf-8"), like, name) for path, model in zip(paths, models, strict=True)
    }


def _paths(locations: Locations, name: str) -> tuple[Path, Path, Path]:
    return (
        locations.dags / f"{name}.py",
        locations.recipes / f"{name}.yaml",
        locations.expectations / f"{name}.yaml",
    )


def _fill(template: str, values: Mapping[str, str]) -> str:
    text = (files("penstock") / "templates" / template).read_text("utf-8")
    return Template(text).substitute(values)


def _rename(text: str, old: str, new: str) -> str:
    """Put the new name wherever the old one stands as a word."""
    return re.sub(rf"(?<![A-Za-z0-9_]){re.escape(old)}(?![A-Za-z0-9_])", new, text)


def _refuse_to_overwrite(name: str, contents: Mapping[Path, str]) -> None:
    there = [path for path in contents if path.exists()]
    if there:
        message = (
            f"new-dataset {name}: expected no such dataset yet, found {', '.join(map(str, there))}; nothing was "
            "written: choose another name, or remove those files first"
        )
        raise PenstockError(message)


def _write_all(contents: Mapping[Path, str]) -> None:
    written: list[Path] = []
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        message = (
            f"new-dataset: expected to write {error.filename}, got: {error.strerror}; nothing was written"
        )
        raise PenstockError(message) from error


def _make_inbox(locations: Locations, name: str) -> Path:
    inbox = locations.home / "inbox" / name
    inbox.mkdir(parents=True, exist_ok=True)
    readme = inbox / "README.md"
    if not readme.exists():
        readme.write_text(_fill("inbox.md.tmpl", {"name": name}), encoding="utf-8")
    return inbox
