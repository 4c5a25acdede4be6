"""How a table follows a recipe whose columns change.

New columns are added, wider numbers widen, a column that is gone stays empty; any other change is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penstock.errors import ContractError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

DAY_COLUMN = "day"
_LADDERS = (("tinyint", "smallint", "int", "bigint"), ("float", "double"))


@dataclass
class Change:
    """What a table needs to take a frame: columns to add and to widen (name to SQL type), columns left empty."""

    added: dict[str, str] = field(default_factory=dict)
    widened: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)

    def notes(self, table: str) -> list[str]:
        """Return a sentence for each kind of change."""
        said = []
        if self.added:
            said.append(f"{table}: new columns {', '.join(self.added)}; NULL on the days before")
        if self.widened:
            said.append(f"{table}: wider types {', '.join(f'{n} {t}' for n, t in self.widened.items())}")
        if self.absent:
            said.append(f"{table}: this run has no {', '.join(self.absent)}; NULL on this day")
        return said


def compare(table: StructType, frame: StructType, *, name: str, can_widen: bool) -> Change:
    """Return how a table of schema ``table`` must change to take rows of schema ``frame``.

    Raises:
        ContractError: when a column's type changed otherwise.
    """
    have = {f.name: f.dataType.simpleString() for f in table.fields if f.name != DAY_COLUMN}
    come = {f.name: f.dataType.simpleString() for f in frame.fields}
    change = Change(absent=[column for column in have if column not in come])
    for column, new in come.items():
        old = have.get(column)
        if old is None:
            change.added[column] = new
        elif old != new and not _is_wider(old, than=new):
            if not (can_widen and _is_wider(new, than=old)):
                raise _refusal(name, column, old, new)
            change.widened[column] = new
    return change


def fit(frame: DataFrame, table: StructType, run_key: str | None = None) -> DataFrame:
    """Return ``frame`` with a table's columns, in its order and types, NULL where it has none.

    Columns: with ``run_key``, ``day`` (date) is that day; without, it is left out.
    """
    from pyspark.sql import functions as F  # noqa: N812

    chosen = []
    for column in table.fields:
        if column.name == DAY_COLUMN:
            continue
        value = F.col(f"`{column.name}`") if column.name in frame.columns else F.lit(None)
        chosen.append(value.cast(column.dataType).alias(column.name))
    if run_key is not None:
        chosen.append(F.lit(run_key).cast("date").alias(DAY_COLUMN))
    return frame.select(*chosen)


def definition(schema: StructType) -> str:
    """Return a table's columns as DDL, with ``day`` last."""
    columns = [f"`{f.name}` {f.dataType.simpleString()}" for f in schema.fields if f.name != DAY_COLUMN]
    return ", ".join([*columns, f"`{DAY_COLUMN}` date"])


def listed(columns: dict[str, str]) -> str:
    """Return names and types as DDL."""
    return ", ".join(f"`{name}` {kind}" for name, kind in columns.items())


def _is_wider(kind: str, *, than: str) -> bool:
    return any(
        kind in ladder and than in ladder and ladder.index(kind) > ladder.index(than) for ladder in _LADDERS
    )


def _refusal(table: str, column: str, old: str, new: str) -> ContractError:
    message = (
        f"table {table}: expected column {column} of type {old}, as published before, got {new}; nothing was "
        f"published: give the column another name in the recipe, or cast it back to {old}"
    )
    return ContractError(message, failed={column: 1})
