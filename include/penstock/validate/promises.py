"""Promises: what a dataset's rows must be like, in YAML, refused at parse when they are wrong.

``include/expectations/<dataset>.yaml`` lists them. Each has a severity (``critical`` stops the run, ``warning``
publishes and says so, ``info`` is only noted) and a reason; a row that breaks a row-level one goes to quarantine.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, JsonValue, ValidationInfo, field_validator, model_validator

from penstock.checked_yaml import parse_checked, read_checked
from penstock.params import Params
from penstock.validate.kinds import Kind, find_kind, names

Severity = Literal["critical", "warning", "info"]


class Promise(Params):
    """One expectation: a name that says it, a type and its arguments, how grave a breach is, and why.

    ``args`` may hold ``{day}`` and ``{next_day}``, which become the run's day and the one after (``YYYY-MM-DD``).
    ``quarantine: false`` keeps the rows that break a row-level promise among the checked ones.
    """

    name: str = Field(min_length=1, max_length=300)
    expect: str
    args: dict[str, JsonValue] = Field(default_factory=dict)
    severity: Severity
    reason: str = Field(min_length=1)
    quarantine: bool = True

    @field_validator("expect")
    @classmethod
    def _know_the_type(cls, value: str) -> str:
        kind = find_kind(value)
        if kind is None:
            near = difflib.get_close_matches(value, names(), n=1, cutoff=0.5)
            hint = (
                f"did you mean {near[0]}?"
                if near
                else f"valid types: {', '.join(names()[: len(names()) // 2])}"
            )
            message = f"expected an expectation type; {hint}"
            raise ValueError(message)
        return kind.name

    @field_validator("args")
    @classmethod
    def _know_the_arguments(cls, value: dict[str, JsonValue], info: ValidationInfo) -> dict[str, JsonValue]:
        kind = find_kind(info.data.get("expect", ""))
        if kind is not None:
            problem = _problem_of_arguments(kind, value)
            if problem:
                raise ValueError(problem)
        return value

    @model_validator(mode="after")
    def _need_arguments(self) -> Promise:
        missing = self.kind.required - self.args.keys()
        if missing:  # args was left out, so that its validator did not run
            message = f"{self.name}: expected args {', '.join(sorted(missing))}; write them"
            raise ValueError(message)
        if self.kind.one_of and not self.kind.one_of & self.args.keys():
            message = f"{self.name}: expected one of args {', '.join(sorted(self.kind.one_of))}; write it"
            raise ValueError(message)
        return self

    @property
    def kind(self) -> Kind:
        """The type, as the table of types knows it."""
        found = find_kind(self.expect)
        assert found is not None, self.expect  # noqa: S101 - its validator has seen to it
        return found

    @property
    def is_row_level(self) -> bool:
        """Whether each row keeps or breaks this promise."""
        return self.kind.level == "row" or "condition" in self.args

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the arguments name."""
        named = [self.args.get(key) for key in ("column", "column_A", "column_B")]
        listed = self.args.get("column_list")
        return tuple(str(name) for name in [*named, *(listed if isinstance(listed, list) else [])] if name)


class Promises(Params):
    """All promises of a dataset."""

    dataset: str
    expectations: tuple[Promise, ...] = ()

    @field_validator("expectations")
    @classmethod
    def _refuse_a_name_twice(cls, value: tuple[Promise, ...]) -> tuple[Promise, ...]:
        seen = [promise.name for promise in value]
        twice = sorted({name for name in seen if seen.count(name) > 1})
        if twice:
            message = f"expected each name once, got {', '.join(map(repr, twice))} twice"
            raise ValueError(message)
        return value

    def inputs(self) -> dict[str, Any]:
        """Return what decides the verdict, for the fingerprint: everything but the reasons."""
        return {"expectations": [p.model_dump(mode="json", exclude={"reason"}) for p in self.expectations]}


def load(path: Path) -> Promises:
    """Read and check an expectations file.

    Raises:
        RecipeError: naming the file, the line, the key, what was expected and the nearest valid name.
    """
    return read_checked(path, Promises, what="expectations")


def parse(text: str, *, where: str, expected_name: str | None = None) -> Promises:
    """Check the text of an expectations file; ``where`` names it in errors.

    Raises:
        RecipeError: as `load`.
    """
    return parse_checked(text, Promises, what="expectations", where=where, expected_name=expected_name)


def _problem_of_arguments(kind: Kind, args: dict[str, JsonValue]) -> str | None:
    unknown = sorted(args.keys() - kind.arguments)
    if unknown:
        valid = sorted(kind.arguments)
        near = difflib.get_close_matches(unknown[0], valid, n=1)
        hint = f"did you mean {near[0]}?" if near else f"valid arguments: {', '.join(valid)}"
        return f"unknown argument {unknown[0]!r} of {kind.name}; {hint}"
    if {"condition", "unexpected_rows_query"} <= args.keys():
        return "expected either condition (each row) or unexpected_rows_query (the table), got both; keep one"
    return _problem_of_values(args)


def _problem_of_values(args: dict[str, JsonValue]) -> str | None:
    mostly = args.get("mostly", 1)
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 < mostly <= 1:
        return f"expected mostly between 0 and 1 (the share of rows that must keep it), got {mostly!r}"
    low, high = args.get("min_value"), args.get("max_value")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        return f"expected min_value <= max_value, got {low} > {high}"
    for key in ("value_set", "column_list", "column_set"):
        if key in args and not (isinstance(args[key], list) and args[key]):
            return f"expected {key} to be a list with at least one item, got {args[key]!r}"
    query = args.get("unexpected_rows_query")
    if query is not None and "{batch}" not in str(query):
        return "expected {batch} in unexpected_rows_query: it stands for the checked rows"
    return None
