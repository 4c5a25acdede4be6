"""Run keys: the four ways to start a run mean the same rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from penstock.days import interval_of, parse_run_key, run_key_of
from penstock.errors import RecipeError

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_a_logical_date_means_its_own_day():
    assert run_key_of(datetime(2026, 11, 16, tzinfo=UTC), now=NOW) == "2026-11-16"
    assert run_key_of(datetime(2026, 11, 16, 17, 45, tzinfo=UTC), now=NOW) == "2026-11-16"


def test_a_logical_date_of_another_zone_means_its_day_in_utc():
    beijing = timezone(timedelta(hours=8))
    assert run_key_of(datetime(2026, 11, 17, 7, tzinfo=beijing), now=NOW) == "2026-11-16"


def test_no_logical_date_means_the_last_day_that_is_over():
    assert run_key_of(None, now=NOW) == "2026-11-22"


@pytest.mark.parametrize("day", [datetime(2026, 11, 23, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)])
def test_refuses_a_day_that_is_not_over_unless_told_otherwise(day: datetime):
    with pytest.raises(RecipeError, match="expected a day that is over"):
        run_key_of(day, now=NOW)
    assert run_key_of(day, now=NOW, allow_incomplete=True) == day.date().isoformat()


def test_the_interval_is_the_whole_day():
    assert interval_of("2026-11-16") == (
        datetime(2026, 11, 16, tzinfo=UTC),
        datetime(2026, 11, 17, tzinfo=UTC),
    )


@pytest.mark.parametrize("text", ["", "2026-13-01", "16.11.2026", "../../etc", "2026-11-16T00:00:00x"])
def test_refuses_what_is_no_day(text: str):
    with pytest.raises(RecipeError, match="YYYY-MM-DD"):
        parse_run_key(text)
