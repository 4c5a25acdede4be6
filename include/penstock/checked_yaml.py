"""Checked YAML: read a file into a parameter model, or say what is wrong, where, and what would be right.

Recipes and expectations are read by this alone. Unknown keys are refused with the nearest valid name, keys that are
written twice are refused too, and every problem is named with its line.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from penstock.errors import RecipeError
from penstock.params import Params

Model = TypeVar("Model", bound=Params)


def read_checked(path: Path, model: type[Model], *, what: str) -> Model:
    """Read a dataset's file of one kind (``what``: recipe, expectations); it has the dataset's name.

    Raises:
        RecipeError: naming the file, the line, the key, what was expected and the nearest valid name.
    """
    if not path.is_file():
        near = difflib.get_close_matches(path.stem, [p.stem for p in path.parent.glob("*.yaml")], n=1)
        hint = f"; did you mean {near[0]}?" if near else "; make new-dataset NAME=... writes one"
        message = f"{what}: expected a file {path}, found none{hint}"
        raise RecipeError(message)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        came = f"byte {error.object[error.start]:#04x} at {error.start}"
        message = f"{what}: expected UTF-8 text, got {came}; save the file as UTF-8 ({path})"
        raise RecipeError(message) from error
    return parse_checked(text, model, what=what, where=str(path), expected_name=path.stem)


def parse_checked(
    text: str, model: type[Model], *, what: str, where: str, expected_name: str | None = None
) -> Model:
    """Check a text; ``where`` names it in errors, ``expected_name`` is the dataset it must be of.

    Raises:
        RecipeError: as `read_checked`.
    """
    document, lines = read_yaml(text, where=where)
    try:
        parsed = model.model_validate(document)
    except ValidationError as error:
        raise RecipeError(explain(error, model, where, lines)) from error
    dataset = getattr(parsed, "dataset", None)
    if expected_name is not None and dataset != expected_name:
        message = (
            f"{what}: expected dataset: {expected_name} (the name of the file), got {dataset!r} ({where})"
        )
        raise RecipeError(message)
    return parsed


class _UniqueKeyLoader(yaml.SafeLoader):
    """A safe loader that refuses a key that is written twice: YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


Loc = tuple[str | int, ...]


def read_yaml(text: str, *, where: str) -> tuple[Any, dict[Loc, int]]:
    """Return a YAML document and the line (from 1) of each of its keys and items.

    Raises:
        RecipeError: when it is not YAML, or a key is there twice.
    """
    try:
        document = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        message = f"expected valid YAML, got: {' '.join(str(error).split())} ({where})"
        raise RecipeError(message) from error
    if not isinstance(document, dict):
        message = f"expected a mapping of keys, got {type(document).__name__} ({where})"
        raise RecipeError(message)
    return document, dict(_lines(node, ()))


def _lines(node: Any, loc: Loc) -> Iterator[tuple[Loc, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*loc, key.value), key.start_mark.line + 1
            yield from _lines(value, (*loc, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*loc, index), value.start_mark.line + 1
            yield from _lines(value, (*loc, index))


def explain(error: ValidationError, model: type[BaseModel], where: str, lines: dict[Loc, int]) -> str:
    """Return what is wrong, a line a problem: key, what was expected, what came, nearest valid name, file and line."""
    problems = []
    for item in error.errors():
        loc, owner = _walk(model, item["loc"])
        key = _dotted(loc)
        line = next((lines[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in lines), None)
        place = f"{where}:{line}" if line else where
        problems.append(f"{key}: {_expectation(item, owner)} ({place})")
    return "\n".join(problems)


def _expectation(item: Any, owner: type[BaseModel] | None) -> str:
    kind, came = item["type"], repr(item.get("input"))
    came = came if len(came) < 120 else f"{came[:117]}..."
    if kind == "extra_forbidden":
        name = str(item["loc"][-1])
        names = sorted(f.alias or n for n, f in owner.model_fields.items()) if owner else []
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"valid names: {', '.join(names)}"
        return f"unknown key; {hint}"
    if kind == "union_tag_invalid":
        expected = str(item["ctx"]["expected_tags"])
        tag = str(item["ctx"]["tag"])
        near = difflib.get_close_matches(tag, [name.strip(" '") for name in expected.split(",")], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"expected a kind of {expected}, got {tag!r}{hint}"
    if kind == "union_tag_not_found":
        return f"expected a key kind that says which one is meant, got {came}"
    if kind == "missing":
        return "expected a value, got nothing; write this key"
    return f"{item['msg']}, got {came}"


def _walk(model: type[BaseModel], loc: Loc) -> tuple[Loc, type[BaseModel] | None]:
    """Return the path as a person wrote it (without pydantic's union tags) and the model that owns its last key."""
    written: list[str | int] = []
    annotation: Any = model
    owner: type[BaseModel] | None = model
    for part in loc:
        choices = [a for a in _unfold(annotation) if isinstance(a, type) and issubclass(a, BaseModel)]
        tagged = [c for c in choices if _tag(c) == part]
        if tagged and (len(choices) > 1 or part not in choices[0].model_fields):
            annotation = owner = tagged[0]
            continue
        written.append(part)
        if isinstance(part, int):
            annotation = next((get_args(a)[0] for a in _unfold(annotation) if get_args(a)), None)
            continue
        owner = choices[0] if choices else owner
        field = next((f for n, f in _fields(owner) if part in (n, f.alias)), None)
        annotation = field.annotation if field else None
        if field is not None and field.discriminator:
            annotation = field.annotation
    return tuple(written), owner


def _fields(model: type[BaseModel] | None) -> list[tuple[str, Any]]:
    return list(model.model_fields.items()) if model else []


def _unfold(annotation: Any) -> list[Any]:
    """Return the members of a union, through ``Annotated``."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [leaf for a in get_args(annotation) for leaf in _unfold(a)]
    if hasattr(annotation, "__metadata__"):
        return _unfold(get_args(annotation)[0])
    return [annotation]


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    if field is None or get_origin(field.annotation) is not Literal:
        return None
    return str(get_args(field.annotation)[0])


def _dotted(loc: Loc) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "recipe"
