"""Step ``columns``: new names, units and types for the columns of sensor rows; missing readings are named.

What happens to a row, in this order: ``rename``, ``convert``, ``cast``, ``sql``,
``missing_of``, ``drop``. All of it is Spark SQL: no row passes through Python.
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
    "in": _Unit("length", 0.0254),
    "m": _Unit("length", 1.0),
    "ft": _Unit("length", 0.3048),
    "km": _Unit("length", 1000.0),
    "mi": _Unit("length", 1609.344),
    "pa": _Unit("pressure", 1.0),
    "hpa": _Unit("pressure", 100.0),
    "mb": _Unit("pressure", 100.0),
    "percent": _Unit("ratio", 0.01),
    "ratio": _Unit("ratio", 1.0),
}
UnitName = Literal[
    "celsius", "fahrenheit", "kelvin", "mps", "kmh", "mph", "knots", "mm", "in", "m", "ft", "km", "mi",
    "pa", "hpa", "mb", "percent", "ratio",
]  # fmt: skip


class Conversion(Params):
    """A column in another unit of the same quantity, as the new column ``into`` (by default in place)."""

    column: str
    from_unit: UnitName
    to_unit: UnitName
    into: str = ""
    digits: int | None = Field(default=None, ge=0, le=12)

    @model_validator(mode="after")
    def _check_quantity(self) -> Self:
        ours, theirs = _UNITS[self.from_unit].quantity, _UNITS[self.to_unit].quantity
        if ours != theirs:
            message = (
                f"{self.column}: expected two units of one quantity, got {self.from_unit} ({ours}) and "
                f"{self.to_unit} ({theirs})"
            )
            raise ValueError(message)
        return self

    @property
    def target(self) -> str:
        """The name of the converted column."""
        return self.into or self.column

    def coefficients(self) -> tuple[float, float]:
        """Return factor and offset: ``new = old * factor + offset``."""
        old, new = _UNITS[self.from_unit], _UNITS[self.to_unit]
        return old.factor / new.factor, (old.offset - new.offset) / new.factor

    def expression(self) -> Column:
        """Return the converted column, rounded to ``digits`` decimals when given; null stays null."""
        from pyspark.sql import functions as F  # noqa: N812

        factor, offset = self.coefficients()
        converted = F.col(self.column).try_cast("double") * F.lit(factor) + F.lit(offset)
        return converted if self.digits is None else F.round(converted, self.digits)


class Columns(FrameStep):
    """Rename, convert, cast, compute, name what is missing, drop.

    ``rename`` maps old to new names and comes first; ``convert`` replaces a column by one in another unit, ``cast``
    maps a column to a Spark type (a value that does not fit becomes null), ``sql`` a column to a Spark SQL expression.
    ``missing_of`` lists readings: those that are null (or NaN, which becomes null) are kept, and named in
    ``missing_readings`` (array of column names). The columns that the platform owns (``doc_id`` …) are refused.
    """

    kind: Literal["columns"] = "columns"
    rename: dict[str, str] = Field(default={})
    convert: tuple[Conversion, ...] = ()
    cast: dict[str, str] = Field(default={})
    sql: dict[str, str] = Field(default={})
    missing_of: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        converted = [name for item in self.convert for name in (item.column, item.target)]
        touched = {*self.rename, *self.rename.values(), *converted, *self.cast, *self.sql, *self.drop}
        reserved = sorted(touched & _RESERVED)
        if reserved:
            message = f"{', '.join(reserved)}: expected columns of the data, got what the platform owns; choose others"
            raise ValueError(message)
        new = [*self.rename.values(), *(item.target for item in self.convert)]
        twice = sorted({name for name in new if new.count(name) > 1})
        if twice:
            message = f"expected each new name once, got {', '.join(twice)} twice in rename and convert"
            raise ValueError(message)
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the columns that must be there, by the names that they have before this step."""
        old = {new: name for name, new in self.rename.items()}
        made = {*self.sql, *(item.target for item in self.convert)}
        later = [item.column for item in self.convert]
        later += [name for name in (*self.cast, *self.missing_of) if name not in made]
        return tuple(
            dict.fromkeys([*self.rename, *(old.get(name, name) for name in later), *self._dropped_raw()])
        )

    def _dropped_raw(self) -> list[str]:
        return [name for name in self.drop if name not in {*self.rename.values(), *self.sql}]

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return what is new; the type of a renamed or computed column is known to Spark alone (``null`` here)."""
        import pyarrow as pa

        unknown = {name: pa.null() for name in (*self.rename.values(), *self.sql)}
        converted = {item.target: pa.float64() for item in self.convert}
        missing = {MISSING_COLUMN: pa.list_(pa.string())} if self.missing_of else {}
        return {k: v for k, v in {**unknown, **converted, **missing}.items() if k not in self.drop}

    def removes(self) -> tuple[str, ...]:
        """Return the columns that are gone afterwards."""
        moved = (item.column for item in self.convert if item.target != item.column)
        return (*(old for old in self.rename if old not in self.rename.values()), *moved, *self.drop)

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

        frame = frame.withColumnsRenamed(self.rename)
        frame = frame.withColumns({item.target: item.expression() for item in self.convert})
        frame = frame.drop(*(item.column for item in self.convert if item.target != item.column))
        frame = frame.withColumns({name: F.col(name).try_cast(kind) for name, kind in self.cast.items()})
        frame = frame.withColumns({name: F.expr(text) for name, text in self.sql.items()})
        if self.missing_of:
            frame = _name_missing(frame, self.missing_of)
        return frame.drop(*self.drop)


def _name_missing(frame: DataFrame, readings: tuple[str, ...]) -> DataFrame:
    """Turn NaN into null, then list the names of the readings that are null."""
    from pyspark.sql import functions as F  # noqa: N812

    floats = {field.name for field in frame.schema if field.dataType.simpleString() in {"double", "float"}}
    frame = _with(frame, {name: F.when(~F.isnan(name), F.col(name)) for name in readings if name in floats})
    names = [F.when(F.col(name).isNull(), F.lit(name)) for name in readings]
    return frame.withColumn(MISSING_COLUMN, F.array_compact(F.array(*names)))
