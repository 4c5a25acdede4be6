"""From promises to a Great Expectations suite."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from penstock.days import parse_run_key
from penstock.errors import RecipeError
from penstock.validate.kinds import UNEXPECTED_ROWS
from penstock.validate.promises import Promise, Promises

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

# A pair or a list of columns with a missing value has its own promise (not null): here such a row is left out.
_IGNORED_ROWS = {
    "ExpectColumnPairValuesAToBeGreaterThanB": "either_value_is_missing",
    "ExpectCompoundColumnsToBeUnique": "any_value_is_missing",
}


def arguments_of(promise: Promise, run_key: str) -> dict[str, Any]:
    """Return a promise's arguments for one day, with ``{day}`` and ``{next_day}`` filled in."""
    day = parse_run_key(run_key)
    words = {"{day}": day.isoformat(), "{next_day}": (day + timedelta(days=1)).isoformat()}
    return {key: _fill(value, words) for key, value in promise.args.items()}


def build_suite(promises: Promises, run_key: str, *, only: frozenset[str] | None = None) -> ExpectationSuite:
    """Return the suite of one day; ``only`` names the promises that it holds, by default all.

    Each expectation carries its promise's name in ``meta`` and with its reason, in the description that Data Docs show.

    Raises:
        RecipeError: when Great Expectations does not take a promise's arguments.
    """
    import great_expectations as gx

    suite = gx.ExpectationSuite(name=f"{promises.dataset} {run_key}")
    for promise in promises.expectations:
        if only is None or promise.name in only:
            suite.expectations.append(_expectation(promise, run_key))
    return suite


def _expectation(promise: Promise, run_key: str) -> Any:
    from great_expectations.expectations import core

    args = arguments_of(promise, run_key)
    if promise.expect == UNEXPECTED_ROWS and "condition" in args:
        # As an SQL CHECK, and as Great Expectations itself: a missing value breaks nothing.
        query = "SELECT * FROM {batch} WHERE NOT (" + _escape(args["condition"]) + ")"  # noqa: S608 - a recipe's own
        args = {"unexpected_rows_query": query}
    if promise.expect in _IGNORED_ROWS:
        args["ignore_row_if"] = _IGNORED_ROWS[promise.expect]
    try:
        return getattr(core, promise.expect)(
            **args,
            severity=promise.severity,
            description=f"{promise.name}: {promise.reason}",
            notes=promise.reason,
            meta={"name": promise.name},
        )
    except ValueError as error:
        said = " ".join(str(error).split())
        message = (
            f"expectations: expected arguments that {promise.expect} takes, {promise.name!r} has others: {said}; "
            "mend include/expectations"
        )
        raise RecipeError(message) from error


def _escape(condition: str) -> str:
    return condition.replace("{", "{{").replace("}", "}}")


def _fill(value: JsonValue, words: dict[str, str]) -> JsonValue:
    if isinstance(value, list):
        return [_fill(item, words) for item in value]
    if isinstance(value, str):
        for word, meaning in words.items():
            value = value.replace(word, meaning)
    return value
