"""The gate itself: Great Expectations run on one day's rows, and the verdict that its results make."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import Field, JsonValue

from penstock.errors import RecipeError
from penstock.params import Params
from penstock.receipt import Verdict
from penstock.validate.promises import Promise, Promises, Severity
from penstock.validate.suite import build_suite

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from pyspark.sql import DataFrame

_EXAMPLES, _EXAMPLE_CHARS = 5, 100


class Result(Params):
    """What one promise came to; the columns of the ledger's table ``expectations``.

    ``observed`` is the value that was seen or, of a row-level promise, some values that break it;
    ``unexpected_rows`` and ``checked_rows`` are null where rows are not counted.
    """

    name: str
    expectation_type: str
    column_name: str | None = None
    severity: Severity
    success: bool
    observed: JsonValue = None
    unexpected_rows: int | None = Field(default=None, ge=0)
    checked_rows: int | None = Field(default=None, ge=0)
    reason: str


@dataclass(frozen=True)
class Judgement:
    """All results of a day, and Great Expectations' own report on them, for Data Docs."""

    results: tuple[Result, ...]
    report: ExpectationSuiteValidationResult

    def failed(self, severity: Severity) -> list[Result]:
        """Return what failed with ``severity``."""
        return [result for result in self.results if not result.success and result.severity == severity]

    @property
    def verdict(self) -> Verdict:
        """Fail by any critical promise, warn by any warning; info is only noted."""
        if self.failed("critical"):
            return Verdict.FAIL
        return Verdict.WARN if self.failed("warning") else Verdict.PASS


def judge(frame: DataFrame, promises: Promises, run_key: str, *, rows: int) -> Judgement:
    """Run the promises on ``frame``, which has ``rows`` rows; on none, a promise without an answer there holds.

    Raises:
        RecipeError: when a promise cannot be evaluated on these columns.
    """
    asked = [p for p in promises.expectations if rows or _has_answer_on_nothing(p, frame.columns)]
    report = _run(frame, promises, run_key, frozenset(p.name for p in asked))
    found: dict[str, Any] = {item.expectation_config.meta["name"]: item for item in report.results}
    results = tuple(
        _result(p, found[p.name], promises.dataset, rows) if p.name in found else _holds_on_nothing(p)
        for p in promises.expectations
    )
    return Judgement(results, report)


def check_columns(promises: Promises, columns: list[str]) -> None:
    """Refuse a promise about a column that is not there; rows without any columns are an empty day's.

    Raises:
        RecipeError: with the nearest name.
    """
    for promise in promises.expectations:
        if promise.expect == "ExpectColumnToExist" or not columns:
            continue
        for name in promise.columns:
            if name not in columns:
                near = difflib.get_close_matches(name, columns, n=1)
                hint = f"did you mean {near[0]}?" if near else f"columns: {', '.join(columns)}"
                message = (
                    f"expectations of {promises.dataset}: {promise.name!r} expects a column {name!r}, the clean rows "
                    f"have none; {hint} Mend include/expectations/{promises.dataset}.yaml or the recipe"
                )
                raise RecipeError(message)


def _has_answer_on_nothing(promise: Promise, columns: list[str]) -> bool:
    known = all(name in columns for name in promise.columns) or promise.expect == "ExpectColumnToExist"
    return promise.kind.is_defined_on_nothing and known


def _run(
    frame: DataFrame, promises: Promises, run_key: str, only: frozenset[str]
) -> ExpectationSuiteValidationResult:
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    settings = DataContextConfig(
        # The default makes a temporary folder for a site at every run, and leaves it.
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=settings)
    # persist=True, the default, would keep every day's rows in the memory of a server that lives for weeks.
    source = context.data_sources.add_spark("clean", persist=False)
    batch = source.add_dataframe_asset(promises.dataset).add_batch_definition_whole_dataframe(run_key)
    suite = context.suites.add(build_suite(promises, run_key, only=only))
    definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=suite)
    return definition.run(batch_parameters={"dataframe": frame}, result_format="SUMMARY")


def _result(promise: Promise, item: Any, dataset: str, rows: int) -> Result:
    if item.exception_info.get("raised_exception", True):
        raise _refusal(promise, item.exception_info, dataset)
    counts = item.result
    is_condition = "condition" in promise.args
    unexpected = counts.get("observed_value") if is_condition else counts.get("unexpected_count")
    return Result(
        name=promise.name,
        expectation_type=promise.expect,
        column_name=", ".join(promise.columns) or None,
        severity=promise.severity,
        success=bool(item.success),
        observed=_as_json(_observed(promise, counts)),
        unexpected_rows=unexpected if promise.is_row_level else None,
        checked_rows=rows if promise.is_row_level else None,
        reason=promise.reason,
    )


def _observed(promise: Promise, counts: dict[str, Any]) -> Any:
    """Return the value that was seen; of rows and of sets, some values that are too many or missing."""
    value = counts.get("observed_value")
    extra = [str(item)[:_EXAMPLE_CHARS] for item in counts.get("partial_unexpected_list", [])[:_EXAMPLES]]
    if promise.kind.level == "row":
        return extra
    missing = [str(item)[:_EXAMPLE_CHARS] for item in counts.get("partial_missing_list", [])[:_EXAMPLES]]
    if value is None and (extra or missing):
        return {"unexpected": extra, "missing": missing}
    return value


def _as_json(value: Any) -> JsonValue:
    """Return ``value`` as JSON has it; what JSON cannot say (NaN, the mean of nothing) as text."""
    try:
        plain: JsonValue = json.loads(json.dumps(value, default=str, allow_nan=False))
    except ValueError:
        return str(value)
    return plain


def _holds_on_nothing(promise: Promise) -> Result:
    return Result(
        name=promise.name,
        expectation_type=promise.expect,
        column_name=", ".join(promise.columns) or None,
        severity=promise.severity,
        success=True,
        unexpected_rows=0 if promise.is_row_level else None,
        checked_rows=0,
        reason=promise.reason,
    )


def _refusal(promise: Promise, info: dict[str, Any], dataset: str) -> RecipeError:
    """Say what Great Expectations says of a promise that it could not evaluate (one text, or one a metric)."""
    problems = [info] if "exception_message" in info else [i for i in info.values() if isinstance(i, dict)]
    said = next((str(problem["exception_message"]) for problem in problems), "no reason given")
    message = (
        f"expectations of {dataset}: {promise.name!r} ({promise.expect}) could not be evaluated: "
        f"{' '.join(said.split())[:500]}; mend include/expectations/{dataset}.yaml"
    )
    return RecipeError(message)
