"""Run keys: which day's data a run means.

The run key is the day that a person names, ``YYYY-MM-DD`` in UTC. A scheduled run, a backfill, a manual run and
``airflow dags test`` of one date all mean the same rows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from penstock.errors import RecipeError

DAY = timedelta(days=1)


def parse_run_key(text: str) -> date:
    """Return the day that ``text`` names.

    Raises:
        RecipeError: when it is not a ``YYYY-MM-DD`` date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"run key: expected a day as YYYY-MM-DD, got {text!r}; name the day whose data is meant"
        raise RecipeError(message) from error


def interval_of(run_key: str) -> tuple[datetime, datetime]:
    """Return the first instant of the day and the first instant after it, in UTC."""
    start = datetime.combine(parse_run_key(run_key), time(), tzinfo=UTC)
    return start, start + DAY


def run_key_of(
    logical_date: datetime | None, *, now: datetime | None = None, allow_incomplete: bool = False
) -> str:
    """Return the run key of a run with ``logical_date``; without one, the last day that is over.

    Raises:
        RecipeError: when the day is not over yet and ``allow_incomplete`` is false.
    """
    now = now or datetime.now(UTC)
    if logical_date is None:
        return (now.astimezone(UTC).date() - DAY).isoformat()
    day = logical_date.astimezone(UTC).date().isoformat()
    _, end = interval_of(day)
    if end > now and not allow_incomplete:
        message = (
            f"run key {day}: expected a day that is over, but it ends at {end:%Y-%m-%d %H:%M} UTC and now is "
            f"{now:%Y-%m-%d %H:%M} UTC; wait, name an earlier day, or set allow_incomplete=True on the operators"
        )
        raise RecipeError(message)
    return day
