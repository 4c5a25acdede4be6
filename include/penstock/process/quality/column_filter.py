"""Step ``column_filter``: documents stay or leave by what another column says of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Self, TypeAlias

from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from penstock.errors import RecipeError
from penstock.process import pattern
from penstock.process.pattern import Pattern
from penstock.process.step import Context, Document, DocumentStep, Drop

if TYPE_CHECKING:
    import pyarrow as pa

Entry: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr
MAX_SHOWN_CHARS = 100


class ColumnFilter(DocumentStep):
    """Keep the documents of which ``column`` meets every condition; the others leave (``column_filter``).

    ``one_of`` and ``none_of`` list values, ``min`` and ``max`` (inclusive) bound a number, ``matches`` is a pattern
    (RE2) that is found in the value; ``^`` and ``$`` bind it to the ends. The column holds text, numbers, booleans or
    lists of text. Of a list, one member must be in ``one_of`` and one must match, and none may be in ``none_of``.
    A null, as in a WHERE of SQL, and a number that is NaN meet nothing and leave; ``missing: keep`` keeps them. The
    detail is the column and the value, the value the number.

    As Data-Juicer's specified_field_filter (``one_of``; of a list it wants every member) and
    specified_numeric_field_filter (``min``, ``max``), which drop what is missing too. A column of another type, or a
    condition for another type, is an error of the recipe.
    """

    reads_text: ClassVar[bool] = False

    kind: Literal["column_filter"] = "column_filter"
    column: str
    one_of: tuple[Entry, ...] | None = None
    none_of: tuple[Entry, ...] | None = None
    min: float | None = None
    max: float | None = None
    matches: Pattern | None = None
    missing: Literal["keep", "drop"] = "drop"

    @model_validator(mode="after")
    def _check_conditions(self) -> Self:
        conditions = (self.one_of, self.none_of, self.min, self.max, self.matches)
        if self.missing == "keep" and all(condition is None for condition in conditions):
            message = "expected a condition (one_of, none_of, min, max, matches), got none and missing: keep"
            raise ValueError(message)
        if self.min is not None and self.max is not None and self.min > self.max:
            message = f"expected max to be at least min ({self.min:g}), got {self.max:g}"
            raise ValueError(message)
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the column."""
        return (self.column,)

    def check_types(self, schema: pa.Schema) -> None:
        """Compare the column's type with the conditions.

        Raises:
            RecipeError: naming the column, when it is of another type or a condition cannot be asked of it.
        """
        arrow = schema.field(self.column).type
        kind = _kind_of(arrow)
        if kind is None:
            message = (
                f"column_filter: expected column {self.column!r} to hold text, numbers, booleans or lists of text, got "
                f"{arrow}; make such a column first (step columns, sql)"
            )
            raise RecipeError(message)
        if kind == "null":
            return
        for name, wanted in self._wants():
            if kind not in wanted:
                message = (
                    f"column_filter: expected column {self.column!r} to hold {' or '.join(wanted)} for {name}, got "
                    f"{arrow}; mend {name} in the recipe"
                )
                raise RecipeError(message)

    def _wants(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return each condition with the kinds of columns it can be asked of."""
        found: list[tuple[str, tuple[str, ...]]] = []
        found += [("min", ("number",))] if self.min is not None else []
        found += [("max", ("number",))] if self.max is not None else []
        found += [("matches", ("text", "list of text"))] if self.matches is not None else []
        for name, entries in (("one_of", self.one_of), ("none_of", self.none_of)):
            found += [(f"{name} ({entry!r})", _homes_of(entry)) for entry in entries or ()]
        return found

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Ask the column."""
        value = document[self.column]
        if value is None or (isinstance(value, float) and math.isnan(value)):
            is_kept = self.missing == "keep"
            return None if is_kept else Drop("column_filter", None, f"{self.column} is missing")
        if self._is_met(value):
            return None
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        number = float(value) if isinstance(value, int | float) else None
        return Drop("column_filter", number, f"{self.column}: {shown[:MAX_SHOWN_CHARS]}")

    def _is_met(self, value: object) -> bool:
        members = [each for each in value if each is not None] if isinstance(value, list) else [value]
        if self.one_of is not None and self._listed.isdisjoint(members):
            return False
        if self.none_of is not None and not self._refused.isdisjoint(members):
            return False
        if self.matches is not None and not _is_found(self.matches, members):
            return False
        if not isinstance(value, int | float):
            return True
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    @cached_property
    def _listed(self) -> frozenset[Entry]:
        return frozenset(self.one_of or ())

    @cached_property
    def _refused(self) -> frozenset[Entry]:
        return frozenset(self.none_of or ())


def _is_found(wanted: str, members: Sequence[object]) -> bool:
    compiled = pattern.compiled(wanted)
    return any(compiled.search(pattern.to_bytes(str(member))) for member in members)


def _kind_of(arrow: pa.DataType) -> str | None:
    import pyarrow.types as at

    if at.is_null(arrow):
        return "null"
    if at.is_string(arrow) or at.is_large_string(arrow):
        return "text"
    if at.is_integer(arrow) or at.is_floating(arrow):
        return "number"
    if at.is_boolean(arrow):
        return "boolean"
    is_list = at.is_list(arrow) or at.is_large_list(arrow)
    return "list of text" if is_list and _kind_of(arrow.value_type) == "text" else None


def _homes_of(entry: Entry) -> tuple[str, ...]:
    """Return the kinds of columns in which an entry of a list can be."""
    if isinstance(entry, bool):
        return ("boolean",)
    return ("number",) if isinstance(entry, int | float) else ("text", "list of text")
