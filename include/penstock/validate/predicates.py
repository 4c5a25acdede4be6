"""Row-level promises as Spark columns, so that the rows that break them can be set apart.

Each is what Great Expectations' own Spark engine evaluates; the gate compares the counts of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from penstock.validate.promises import Promise
from penstock.validate.suite import arguments_of

if TYPE_CHECKING:
    from pyspark.sql import Column


def broken_by(promise: Promise, run_key: str) -> Column:
    """Return whether a row breaks a row-level promise; a missing value breaks only ``NotBeNull``, never null."""
    from pyspark.sql import functions as F  # noqa: N812 - as PySpark's documentation does

    args = arguments_of(promise, run_key)
    if promise.expect == "ExpectColumnValuesToNotBeNull":
        return F.col(args["column"]).isNull()
    if promise.expect in ("ExpectColumnValuesToBeUnique", "ExpectCompoundColumnsToBeUnique"):
        return _is_repeated(promise.columns)
    return F.coalesce(~_kept(promise.expect, args), F.lit(False))


def _is_repeated(columns: tuple[str, ...]) -> Column:
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    complete = F.lit(True)
    for name in columns:
        complete = complete & F.col(name).isNotNull()
    return complete & (F.count(F.lit(1)).over(Window.partitionBy(*columns)) > 1)


def _kept(expect: str, args: dict[str, Any]) -> Column:
    from pyspark.sql import functions as F  # noqa: N812

    if "condition" in args:
        return F.expr(f"({args['condition']})")
    if expect == "ExpectColumnPairValuesAToBeGreaterThanB":
        a, b = F.col(args["column_A"]), F.col(args["column_B"])
        return a >= b if args.get("or_equal") else a > b
    column = F.col(args["column"])
    tests: dict[str, Callable[[], Column]] = {
        "ExpectColumnValueLengthsToBeBetween": lambda: _between(F.length(column), args),
        "ExpectColumnValuesToBeBetween": lambda: _between(column, args),
        "ExpectColumnValuesToBeInSet": lambda: column.isin(args["value_set"]),
        "ExpectColumnValuesToNotBeInSet": lambda: ~column.isin(args["value_set"]),
        "ExpectColumnValuesToMatchRegex": lambda: column.rlike(args["regex"]),
        "ExpectColumnValuesToNotMatchRegex": lambda: ~column.rlike(args["regex"]),
    }
    return tests[expect]()


def _between(value: Column, args: dict[str, Any]) -> Column:
    from pyspark.sql import functions as F  # noqa: N812

    low, high = args.get("min_value"), args.get("max_value")
    inside = F.lit(True)
    if low is not None:
        inside = inside & (value > F.lit(low) if args.get("strict_min") else value >= F.lit(low))
    if high is not None:
        inside = inside & (value < F.lit(high) if args.get("strict_max") else value <= F.lit(high))
    return inside
