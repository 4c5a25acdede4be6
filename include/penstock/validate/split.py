"""Set the rows that break a row-level promise apart from those that keep all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.errors import ContractError, RecipeError
from penstock.validate.gate import Result
from penstock.validate.predicates import broken_by
from penstock.validate.promises import Promise, Promises

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

FAILED_COLUMN = "failed_expectations"


@dataclass(frozen=True)
class Split:
    """A day's rows with the column ``failed_expectations`` (array of names, in the promises' order).

    ``broken`` counts the rows by promise, ``quarantined`` by the first promise that sends them to quarantine.
    """

    frame: DataFrame
    rows: int
    broken: dict[str, int]
    quarantined: dict[str, int]
    quarantining: tuple[str, ...]

    def checked(self) -> DataFrame:
        """Return the rows that stay, with the columns that they came with."""
        return self.frame.where(~self._is_quarantined()).drop(FAILED_COLUMN)

    def quarantine(self) -> DataFrame:
        """Return the rows that go, with ``failed_expectations``."""
        return self.frame.where(self._is_quarantined())

    def _is_quarantined(self) -> Column:
        from pyspark.sql import functions as F  # noqa: N812

        names = F.array(*[F.lit(name) for name in self.quarantining]).cast("array<string>")
        return F.arrays_overlap(FAILED_COLUMN, names)


def split(frame: DataFrame, promises: Promises, run_key: str) -> Split:
    """Tag each row with the row-level promises that it breaks, and count them in one pass.

    Raises:
        RecipeError: when a promise cannot be evaluated on these columns.
    """
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as F  # noqa: N812

    tested = [promise for promise in promises.expectations if promise.is_row_level and frame.columns]
    tagged = frame.withColumn(FAILED_COLUMN, _failed(tested, run_key))
    try:
        combinations = tagged.groupBy(FAILED_COLUMN).agg(F.count(F.lit(1)).alias("rows")).collect()
    except AnalysisException as error:
        raise _blame(frame, tested, run_key, promises.dataset, error) from error
    quarantining = tuple(promise.name for promise in tested if promise.quarantine)
    broken, quarantined, rows = Counter[str](), Counter[str](), 0
    for names, count in combinations:
        rows += count
        broken.update(dict.fromkeys(names, count))
        first = next((name for name in names if name in quarantining), None)
        if first is not None:
            quarantined[first] += count
    return Split(tagged, rows, dict(broken), dict(quarantined), quarantining)


def compare(found: Split, results: Sequence[Result], *, where: str) -> None:
    """Check that Great Expectations counted the same breaches as the predicates that set rows apart.

    Raises:
        ContractError: with both counts; the gate would not be telling the truth.
    """
    for result in results:
        mine = found.broken.get(result.name, 0)
        if result.unexpected_rows is not None and result.unexpected_rows != mine:
            message = (
                f"{where} validate: expected the gate and the quarantine to agree on {result.name!r}, but Great "
                f"Expectations counted {result.unexpected_rows} rows that break it and the quarantine {mine}; nothing "
                "was published: the rows change between two reads, or penstock.validate.predicates has a bug"
            )
            raise ContractError(message, failed={result.name: result.unexpected_rows})


def _failed(tested: Sequence[Promise], run_key: str) -> Column:
    from pyspark.sql import functions as F  # noqa: N812

    tags = [F.when(broken_by(promise, run_key), F.lit(promise.name)) for promise in tested]
    return F.array_compact(F.array(*tags).cast("array<string>"))


def _blame(
    frame: DataFrame, tested: Sequence[Promise], run_key: str, dataset: str, error: Exception
) -> RecipeError:
    """Find the promise that Spark cannot analyse and say so."""
    from pyspark.errors import AnalysisException

    name, said = "a promise", str(error)
    for promise in tested:
        try:
            _ = frame.select(broken_by(promise, run_key)).schema
        except AnalysisException as problem:
            name, said = repr(promise.name), str(problem)
            break
    said = said.split("JVM stacktrace", 1)[0]
    message = (
        f"expectations of {dataset}: {name} could not be evaluated on the clean rows: "
        f"{' '.join(said.split())[:500]}; mend include/expectations/{dataset}.yaml"
    )
    return RecipeError(message)
