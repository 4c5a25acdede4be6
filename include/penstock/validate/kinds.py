"""The expectation types that the gate supports, with their arguments.

A small table, because importing Great Expectations costs seconds and a promise must be checked when it is parsed; a
test compares the table with Great Expectations' own classes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_BOUNDS = frozenset({"min_value", "max_value", "strict_min", "strict_max"})
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Kind:
    """One expectation type: Great Expectations' class, what it looks at, and its arguments.

    ``level`` is ``row`` (each row keeps it or breaks it), or ``table``; ``one_of`` are arguments of which at least
    one must be written; ``is_defined_on_nothing`` says that a table without rows has an answer.
    """

    name: str
    level: Literal["row", "table"]
    required: frozenset[str]
    optional: frozenset[str] = _NOTHING
    one_of: frozenset[str] = _NOTHING
    is_defined_on_nothing: bool = True

    @property
    def arguments(self) -> frozenset[str]:
        """Every argument that may be written."""
        return self.required | self.optional | self.one_of


def _row(
    name: str, *required: str, optional: frozenset[str] = _NOTHING, one_of: frozenset[str] = _NOTHING
) -> Kind:
    return Kind(name, "row", frozenset(required), optional | {"mostly"}, one_of)


def _aggregate(name: str, *required: str) -> Kind:
    bounds = frozenset({"min_value", "max_value"})
    optional = _BOUNDS - bounds
    return Kind(
        name, "table", frozenset({"column", *required}), optional, bounds, is_defined_on_nothing=False
    )


def _distinct(name: str) -> Kind:
    return Kind(name, "table", frozenset({"column", "value_set"}), is_defined_on_nothing=False)


UNEXPECTED_ROWS = "UnexpectedRowsExpectation"
_LIMITS = frozenset({"min_value", "max_value"})
_STRICT = frozenset({"strict_min", "strict_max"})

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _row("ExpectColumnValuesToNotBeNull", "column"),
        _row("ExpectColumnValuesToBeBetween", "column", optional=_STRICT, one_of=_LIMITS),
        _row("ExpectColumnValuesToBeInSet", "column", "value_set"),
        _row("ExpectColumnValuesToNotBeInSet", "column", "value_set"),
        _row("ExpectColumnValuesToMatchRegex", "column", "regex"),
        _row("ExpectColumnValuesToNotMatchRegex", "column", "regex"),
        _row("ExpectColumnValueLengthsToBeBetween", "column", optional=_STRICT, one_of=_LIMITS),
        _row("ExpectColumnValuesToBeUnique", "column"),
        _row("ExpectCompoundColumnsToBeUnique", "column_list"),
        _row(
            "ExpectColumnPairValuesAToBeGreaterThanB",
            "column_A",
            "column_B",
            optional=frozenset({"or_equal"}),
        ),
        Kind("ExpectTableRowCountToBeBetween", "table", _NOTHING, _STRICT, _LIMITS),
        Kind("ExpectTableColumnsToMatchSet", "table", frozenset({"column_set"}), frozenset({"exact_match"})),
        Kind("ExpectColumnToExist", "table", frozenset({"column"})),
        _aggregate("ExpectColumnMinToBeBetween"),
        _aggregate("ExpectColumnMaxToBeBetween"),
        _aggregate("ExpectColumnMeanToBeBetween"),
        _aggregate("ExpectColumnMedianToBeBetween"),
        _aggregate("ExpectColumnSumToBeBetween"),
        _aggregate("ExpectColumnStdevToBeBetween"),
        _aggregate("ExpectColumnUniqueValueCountToBeBetween"),
        _aggregate("ExpectColumnProportionOfUniqueValuesToBeBetween"),
        _aggregate("ExpectColumnProportionOfNonNullValuesToBeBetween"),
        _distinct("ExpectColumnDistinctValuesToBeInSet"),
        _distinct("ExpectColumnDistinctValuesToContainSet"),
        _distinct("ExpectColumnDistinctValuesToEqualSet"),
        Kind(
            UNEXPECTED_ROWS,
            "table",
            _NOTHING,
            one_of=frozenset({"condition", "unexpected_rows_query"}),
            is_defined_on_nothing=False,
        ),
    )
}


def snake(name: str) -> str:
    """Return ``ExpectColumnToExist`` as ``expect_column_to_exist``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


_BY_SNAKE = {snake(name): kind for name, kind in KINDS.items()}


def find_kind(name: str) -> Kind | None:
    """Return the type that ``name`` (Camel or snake case) names."""
    return KINDS.get(name) or _BY_SNAKE.get(name)


def names() -> list[str]:
    """Return every name that `find_kind` takes, snake case first."""
    return [*_BY_SNAKE, *KINDS]
