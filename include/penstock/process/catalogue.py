"""What steps there are, and what they say of themselves: for ``penstock recipe steps`` and docs/filters.md."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

from pydantic_core import PydanticUndefined

from penstock.params import Params, members
from penstock.process.quality.rules.registry import SOURCES, Rule, all_rules
from penstock.process.section import STEP_GROUP, STEP_PACKAGE
from penstock.process.step import DocumentStep, Step
from penstock.process.word_list import WordList

MARK = "<!-- What follows is written by: bin/penstock recipe steps --update docs/filters.md -->"
INSTALLED = "installed"
"""The group of the steps that other packages bring; the page does not list them."""

_FOLDERS = ("", "clean", "quality", "html", "pii", "duplicates")
_TITLES = {
    "": "Of every kind", "clean": "Cleaning", "quality": "Quality", "html": "HTML", "pii": "Personal data",
    "duplicates": "Duplicates",
}  # fmt: skip

_SIMPLE = {str: "text", int: "integer", float: "number", bool: "true | false", WordList: "list or file"}


class Parameter(Params):
    """A parameter: its type in words, and its default (``None`` with ``is_required``: there is none)."""

    name: str
    type: str
    default: Any = None
    is_required: bool = False


class StepInfo(Params):
    """A step as a recipe sees it; ``shape`` is ``document`` or ``frame``, ``group`` its folder."""

    kind: str
    shape: str
    group: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]


def describe() -> list[StepInfo]:
    """Return every step, by group and kind."""
    found = members(Step, package=STEP_PACKAGE, group=STEP_GROUP)
    infos = [_describe(kind, typing.cast("type[Step]", cls)) for kind, cls in found.items()]
    return sorted(infos, key=lambda info: (_order(info.group), info.kind))


def markdown() -> str:
    """Return the generated part of docs/filters.md."""
    steps = [info for info in describe() if info.group != INSTALLED]
    lines = [MARK, ""]
    for group in dict.fromkeys(info.group for info in steps):
        own = [info for info in steps if info.group == group]
        lines += [
            f"## {_TITLES.get(group, group)}",
            "",
            "| step | what it does | parameters |",
            "|---|---|---|",
        ]
        lines += [f"| [`{i.kind}`](#{i.kind}) | {_cell(i.summary)} | {_cell(_signature(i))} |" for i in own]
        lines.append("")
        for info in own:
            lines += [f"### {info.kind}", "", _prose(info.text), ""]
    return "\n".join([*lines, *_rules()]) + "\n"


def update(page: str) -> str:
    """Return a page with its generated part made anew.

    Raises:
        ValueError: when the page has no mark where that part begins.
    """
    head, mark, _ = page.partition(MARK)
    if not mark:
        message = f"expected a page with the line {MARK}, found none; write it where the tables shall be"
        raise ValueError(message)
    return head + markdown()


def _describe(kind: str, cls: type[Step]) -> StepInfo:
    text = inspect.cleandoc(cls.__doc__ or "")
    inner = cls.__module__.removeprefix(f"{STEP_PACKAGE}.").split(".")
    return StepInfo(
        kind=kind,
        shape="document" if issubclass(cls, DocumentStep) else "frame",
        group=_group_of(inner) if cls.__module__.startswith(f"{STEP_PACKAGE}.") else INSTALLED,
        summary=" ".join(text.split("\n\n")[0].split()),
        text=text,
        parameters=tuple(_parameters(cls)),
    )


def _group_of(module: list[str]) -> str:
    return module[0] if len(module) > 1 else ""


def _parameters(cls: type[Step]) -> Iterator[Parameter]:
    for name, field in cls.model_fields.items():
        if name == "kind":
            continue
        default = field.get_default(call_default_factory=True)
        required = default is PydanticUndefined
        shown = default.model_dump(mode="json") if isinstance(default, Params) else default
        yield Parameter(
            name=field.alias or name,
            type=_words(field.annotation),
            default=None if required else shown,
            is_required=required,
        )


def _words(annotation: Any) -> str:
    """Return a type as a writer of recipes would say it."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(map(str, args))
    if origin in (Union, types.UnionType):
        return " | ".join(_words(arg) for arg in args if arg is not type(None))
    if origin is typing.Annotated:
        return _words(args[0])
    if origin in (tuple, list):
        return f"list of ({_words(args[0])})"
    if origin is dict:
        return f"map to ({_words(args[1])})"
    return _SIMPLE.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


def _signature(info: StepInfo) -> str:
    return ", ".join(
        f"**`{p.name}`**" if p.is_required else f"`{p.name}` = {_default(p.default)}" for p in info.parameters
    )


def _default(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(str, value))}]" if len(value) <= 6 else f"{len(value)} values"
    return "{...}" if isinstance(value, dict) else f"`{value}`" if value != "" else '""'


def _rules() -> Iterator[str]:
    yield "## Rules of `heuristics`"
    yield ""
    yield "`min` and `max` are the published bounds; a value equal to one stays. A rule without them takes those of the"
    yield "recipe, or annotates."
    yield ""
    yield "| rule | definition | what it computes | min | max |"
    yield "|---|---|---|--:|--:|"
    for rule in all_rules().values():
        least, most = _bounds(rule, 0), _bounds(rule, 1)
        yield f"| `{rule.name}` | {rule.definition} | {_cell(rule.says)} | {least} | {most} |"
    yield ""
    yield from (f"- {definition}: {source}." for definition, source in SOURCES.items())


def _bounds(rule: Rule, which: int) -> str:
    values = {n: bounds[which] for n, bounds in rule.bounds.items() if bounds[which] is not None}
    return ", ".join(f"{value:g}" if n == 0 else f"{value:g} (n = {n})" for n, value in values.items())


def _prose(text: str) -> str:
    return "\n".join(re.sub(r"``(.*?)``", _code, line) for line in text.split("\n"))


def _cell(text: str) -> str:
    return re.sub(r"``(.*?)``", _code, text).replace("|", "\\|")


def _code(found: re.Match[str]) -> str:
    inner = found.group(1)
    return f"`` {inner} ``" if "`" in inner else f"`{inner}`"


def _order(group: str) -> tuple[int, str]:
    return (_FOLDERS.index(group) if group in _FOLDERS else len(_FOLDERS), group)
