"""Step ``columns``: new names, units and types for the columns of sensor rows; missing readings are named.

What happens to a row, in this order: ``rename``, ``convert``, ``cast``, ``sql``, ``missing``, ``drop``. All of it is
Spark SQL: no row passes through Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from penstock.errors import RecipeError
from penstock.params import Params
from penstock.process import audit
from penstock.process.step import FrameContext, FrameStep

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame

MISSING_COLUMN = "missing_readings"
_RESERVED = {"doc_id", "run_key", "provenance", *audit.COLUMNS}


class _Unit(NamedTuple):
    """A unit: what it measures, and ``si = value * factor + offset`` in the quantity's own base unit."""

    quantity: str
    factor: float
    offset: float = 0.0


# Exact by definition: international yard and pound agreement of 1959 (1 in = 25.4 mm, 1 mi = 1609.344 m);
# 0 degC = 273.15 K; 1 mbar = 1 hPa; 1 international knot = 1852 m an hour.
_UNITS = {
    "celsius": _Unit("temperature", 1.0, 273.15),
    "fahrenheit": _Unit("temperature", 5 / 9, 273.15 - 32 * 5 / 9),
    "kelvin": _Unit("temperature", 1.0),
    "mps": _Unit("speed", 1.0),
    "kmh": _Unit("speed", 1 / 3.6),
    "mph": _Unit("speed", 0.44704),
    "knots": _Unit("speed", 1852 / 3600),
    "mm": _Unit("length", 0.001),
    "inches": _Unit("length", 0.0254),
    "m": _Unit("length", 1.0),
    "feet": _Unit("length", 0.3048),
    "km": _Unit("length", 1000.0),
    "miles": _Unit("length", 1609.344),
    "pa": _Unit("pressure", 1.0),
    "hpa": _Unit("pressure", 100.0),
    "mbar": _Unit("pressure", 100.0),
    "percent": _Unit("ratio", 0.01),
    "ratio": _Unit("ratio", 1.0),
}
UnitName = Literal[
    "celsius", "fahrenheit", "kelvin", "mps", "kmh", "mph", "knots", "mm", "inches", "m", "feet", "km", "miles",
    "pa", "hpa", "mbar", "percent", "ratio",
]  # fmt: skip


class Conversion(Params):
    """From one unit to another of the same quantity, rounded to ``digits`` decimals when given."""

    from_: UnitName = Field(alias="from")
    to: UnitName
    digits: int | None = Field(default=None, ge=0, le=12)

    @model_validator(mode="after")
    def _check_quantity(self) -> Self:
        ours, theirs = _UNITS[self.from_].quantity, _UNITS[self.to].quantity
        if ours != theirs:
            message = (
                f"expected two units of one quantity, got {self.from_} ({ours}) and {self.to} ({theirs})"
            )
            raise ValueError(message)
        return self

    def coefficients(self) -> tuple[float, float]:
        """Return factor and offset: ``new = old * factor + offset``."""
        old, new = _UNITS[self.from_], _UNITS[self.to]
        return old.factor / new.factor, (old.offset - new.offset) / new.factor

    def apply(self, column: Column) -> Column:
        """Return the converted column as a double; null, and what is no number, becomes null."""
        from pyspark.sql import functions as F  # noqa: N812

        factor, offset = self.coefficients()
        converted = column.try_cast("double") * F.lit(factor) + F.lit(offset)
        return converted if self.digits is None else F.round(converted, self.digits)


class Columns(FrameStep):
    """Rename, convert, cast, compute, name what is missing, drop.

    ``rename`` maps old to new names; ``convert`` (column to units), ``cast`` (column to Spark type: a value that does
    not fit becomes null), ``sql`` (column to Spark SQL expression over the columns as they are by then) and the others
    use the new ones. ``missing`` lists readings: those that are null (or NaN, which becomes null) are kept, and named
    in ``missing_readings`` (array of column names). The columns that the platform owns (``doc_id`` …) are refused.
    """

    kind: Literal["columns"] = "columns"
    rename: dict[str, str] = Field(default={})
    convert: dict[str, Conversion] = Field(default={})
    cast: dict[str, str] = Field(default={})
    sql: dict[str, str] = Field(default={})
    missing: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        touched = {*self.rename, *self.rename.values(), *self.convert, *self.cast, *self.sql, *self.drop}
        reserved = sorted(touched & _RESERVED)
        if reserved:
            message = f"{', '.join(reserved)}: expected columns of the data, got what the platform owns; choose others"
            raise ValueError(message)
        new = list(self.rename.values())
        twice = sorted({name for name in new if new.count(name) > 1})
        if twice:
            message = f"rename: expected each new name once, got {', '.join(twice)} twice"
            raise ValueError(message)
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the columns that must be there, by the names that they have before this step."""
        old = {new: name for name, new in self.rename.items()}
        later = [
            *self.convert,
            *(name for name in (*self.cast, *self.missing, *self.drop) if name not in self.sql),
        ]
        return tuple(dict.fromkeys([*self.rename, *(old.get(name, name) for name in later)]))

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return what is new; the type of a renamed or computed column is known to Spark alone (``null`` here)."""
        import pyarrow as pa

        unknown = {name: pa.null() for name in (*self.rename.values(), *self.sql) if name not in self.drop}
        return {**unknown, **({MISSING_COLUMN: pa.list_(pa.string())} if self.missing else {})}

    def removes(self) -> tuple[str, ...]:
        """Return the columns that are gone afterwards."""
        return (*(old for old in self.rename if old not in self.rename.values()), *self.drop)

    def transform(self, frame: DataFrame, context: FrameContext) -> DataFrame:
        """Apply the expressions.

        Raises:
            RecipeError: when Spark cannot make sense of a type or an expression.
        """
        from pyspark.errors import AnalysisException, ParseException

        try:
            changed = self._transform(frame)
            _ = changed.schema
        except (AnalysisException, ParseException) as error:
            said = " ".join(str(error).split("JVM stacktrace", 1)[0].split())[:500]
            message = (
                f"recipe {context.run.dataset}: process step columns: expected types and SQL expressions that Spark "
                f"knows over the columns {', '.join(frame.columns)}, but it says: {said}"
            )
            raise RecipeError(message) from error
        return changed

    def _transform(self, frame: DataFrame) -> DataFrame:
        from pyspark.sql import functions as F  # noqa: N812

        frame = frame.withColumnsRenamed(self.rename) if self.rename else frame
        frame = _with(frame, {name: unit.apply(F.col(name)) for name, unit in self.convert.items()})
        frame = _with(frame, {name: F.col(name).try_cast(kind) for name, kind in self.cast.items()})
        frame = _with(frame, {name: F.expr(text) for name, text in self.sql.items()})
        if self.missing:
            frame = _name_missing(frame, self.missing)
        return frame.drop(*self.drop)


def _with(frame: DataFrame, columns: Mapping[str, Column]) -> DataFrame:
    """Set columns, of which there may be none: Spark Connect refuses an empty mapping."""
    return frame.withColumns(dict(columns)) if columns else frame


def _name_missing(frame: DataFrame, readings: tuple[str, ...]) -> DataFrame:
    """Turn NaN into null, then list the names of the readings that are null."""
    from pyspark.sql import functions as F  # noqa: N812

    floats = {field.name for field in frame.schema if field.dataType.simpleString() in {"double", "float"}}
    frame = _with(frame, {name: F.when(~F.isnan(name), F.col(name)) for name in readings if name in floats})
    names = [F.when(F.col(name).isNull(), F.lit(name)) for name in readings]
    return frame.withColumn(MISSING_COLUMN, F.array_compact(F.array(*names)))
