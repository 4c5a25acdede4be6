"""Other values for some keys of a recipe: ``process.steps.length.min_chars=30``, or short ``process.min_chars=30``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from penstock.checked_yaml import explain, read_yaml
from penstock.errors import RecipeError
from penstock.recipe import Recipe, load, parse
from penstock.report.steps import named_steps

_HOW = "write PATH=VALUE, for example process.steps.length.min_chars=30"
Place = tuple[str | int, ...]


def load_with(path: Path, settings: Sequence[str] = (), *, without: Sequence[str] = ()) -> Recipe:
    """Read a recipe file and set keys of it; steps named in ``without`` are left out.

    A path names keys, and a step by its kind (``length``, the second ``length_2``) or number. ``process.PARAMETER``
    is short for the one step that has that parameter. Values are YAML.

    Raises:
        RecipeError: when there is no such key (with the nearest one), when several steps have the parameter (with
            all of them), or when the value is refused.
    """
    recipe = load(path) if path.stem == _dataset_of(path) else _parse(path)
    if not settings and not without:
        return recipe
    document, _ = read_yaml(path.read_text(encoding="utf-8"), where=str(path))
    values = _unshared(document)
    for setting in settings:
        place, value = _read(recipe, setting)
        _assign(values, place, value)
    _leave_out(recipe, values, without)
    where = f"{path} with {', '.join([*settings, *(f'without {name}' for name in without)])}"
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise RecipeError(explain(error, Recipe, where, {})) from error


def _dataset_of(path: Path) -> str:
    if not path.is_file():
        return path.stem
    document, _ = read_yaml(path.read_text(encoding="utf-8"), where=str(path))
    return str(document.get("dataset"))


def _parse(path: Path) -> Recipe:
    """Read a variant of a recipe: its file has another name than its ``dataset``."""
    return parse(path.read_text(encoding="utf-8"), where=str(path))


def _read(recipe: Recipe, setting: str) -> tuple[Place, Any]:
    path, sign, text = setting.partition("=")
    if not sign or not path.strip():
        message = f"--set {setting}: expected a key and a value, got none; {_HOW}"
        raise RecipeError(message)
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        message = f"--set {setting}: expected a value in YAML, got {text!r}; put text in quotes"
        raise RecipeError(message) from error
    words = path.strip().replace("[", ".").replace("]", "").split(".")
    return tuple(_walk(recipe, _long_form(recipe, words, setting), setting)), value


def _long_form(recipe: Recipe, words: list[str], setting: str) -> list[str]:
    """Return the whole path of ``process.PARAMETER``."""
    if len(words) < 2 or words[0] != "process" or words[1] in type(recipe.process).model_fields:
        return words
    named = named_steps(recipe.process.steps)
    owners = [step.name for step in named if words[1] in _keys(step.step)]
    if len(owners) == 1:
        return ["process", "steps", owners[0], *words[1:]]
    if owners:
        listed = ", ".join(f"process.steps.{owner}.{'.'.join(words[1:])}" for owner in owners)
        message = f"--set {setting}: expected a parameter of one step, {len(owners)} have it; write one of: {listed}"
        raise RecipeError(message)
    if words[1] in {step.name for step in named}:
        return ["process", "steps", *words[1:]]
    known = [*_keys(recipe.process), *(key for step in named for key in _keys(step.step))]
    raise RecipeError(_unknown(setting, words[1], known, "process and its steps"))


def _walk(recipe: Recipe, words: Sequence[str], setting: str) -> Iterator[str | int]:
    """Yield the keys of a path as the recipe's file has them."""
    here: Any = recipe
    for position, word in enumerate(words):
        where = ".".join(words[:position]) or "the recipe"
        if isinstance(here, BaseModel):
            keys = _keys(here)
            if word not in keys:
                raise RecipeError(_unknown(setting, word, list(keys), where))
            here = getattr(here, keys[word])
            yield word
        elif isinstance(here, tuple | list):
            index = _index(here, word, setting, where)
            here = here[index]
            yield index
        elif isinstance(here, Mapping):
            here = here.get(word)
            yield word
        elif here is None:
            yield word
        else:
            message = f"--set {setting}: expected {where} to hold keys, but it is {here!r}; {_HOW}"
            raise RecipeError(message)


def _index(items: Sequence[Any], word: str, setting: str, where: str) -> int:
    if word.isdigit() and int(word) < len(items):
        return int(word)
    names = [named.name for named in named_steps(items)] if where == "process.steps" else []
    if word in names:
        return names.index(word)
    raise RecipeError(_unknown(setting, word, names or [str(n) for n in range(len(items))], where))


def _unknown(setting: str, word: str, known: Sequence[str], where: str) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    listed = ", ".join(sorted(set(known))) or "nothing"
    hint = f"did you mean {near[0]}?" if near else f"there are: {listed}"
    return f"--set {setting}: expected a key of {where}, got {word!r}; {hint}"


def _keys(model: BaseModel) -> dict[str, str]:
    """Return the keys of a model as a file has them, each with its attribute."""
    fields = type(model).model_fields.items()
    return {field.alias or name: name for name, field in fields if name != "kind"}


def _assign(values: Any, place: Place, value: Any) -> None:
    for key in place[:-1]:
        if isinstance(values, dict) and values.get(key) is None:
            values[key] = {}
        values = values[key]
    values[place[-1]] = value


def _leave_out(recipe: Recipe, values: dict[str, Any], without: Sequence[str]) -> None:
    names = [named.name for named in named_steps(recipe.process.steps)]
    for name in without:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or 'none'}"
            message = f"--without {name}: expected a step of the recipe {recipe.dataset}; {hint}"
            raise RecipeError(message)
    if without:
        steps = values["process"]["steps"]
        values["process"]["steps"] = [s for s, name in zip(steps, names, strict=True) if name not in without]


def _unshared(value: Any) -> Any:
    """Return a copy in which what YAML's anchors share is there once for each use."""
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value
