"""The ``store`` section of a recipe: the tables that a dataset is published as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from penstock.params import Params, one_of
from penstock.section import StageSection
from penstock.store.columns import DAY_COLUMN
from penstock.store.format import TableFormat
from penstock.store.formats.iceberg import IcebergFormat

_NAME = r"^[a-z][a-z0-9_]*$"

if TYPE_CHECKING:
    AnyTableFormat = TableFormat
else:
    AnyTableFormat = one_of(TableFormat, package="penstock.store.formats", group="penstock.table_formats")


class TableSpec(Params):
    """One table: its name and its columns in order; no columns mean all of the checked rows' columns.

    Every table also has ``day`` (date), the run key, and is partitioned by it.
    """

    name: str = Field(pattern=_NAME, max_length=100)
    columns: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _refuse_a_second_day(self) -> TableSpec:
        if DAY_COLUMN in self.columns:
            message = f"table {self.name}: {DAY_COLUMN!r} is added by store from the run key; take it out of columns"
            raise ValueError(message)
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            message = f"table {self.name}: expected each column once, got {', '.join(twice)} twice"
            raise ValueError(message)
        return self


class StoreSection(StageSection):
    """Where the checked rows are published: tables of one format in one namespace (default: the dataset's name).

    ``card`` says whether a dataset card is written with each published day (default: of text, up to a moderate size).
    """

    tables: tuple[TableSpec, ...] = ()
    format: AnyTableFormat = IcebergFormat()
    namespace: str | None = Field(default=None, pattern=_NAME, max_length=100)
    card: bool | None = None

    @model_validator(mode="after")
    def _refuse_a_name_twice(self) -> StoreSection:
        names = [table.name for table in self.tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"expected each table name once, got {', '.join(twice)} twice"
            raise ValueError(message)
        return self

    def tables_of(self, dataset: str) -> tuple[TableSpec, ...]:
        """Return the tables; by default one, of all columns, with the dataset's name."""
        return self.tables or (TableSpec(name=dataset),)

    def inputs(self) -> dict[str, Any]:
        """Return the parameters that decide what the tables hold: all but the deadline and the card."""
        return {
            **self.model_dump(mode="json", exclude={"deadline", "card"}),
            "format": self.format.model_dump(mode="json"),
        }
