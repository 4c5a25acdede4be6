"""Days in paths and addresses."""

from __future__ import annotations

import pytest

from penstock.errors import RecipeError
from penstock.ingest.pattern import check_pattern, fill


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/{run_key}/*.gz", "in/2026-11-16/*.gz"),
        ("in/{date:%Y/%m/%d}.csv", "in/2026/11/16.csv"),
        ("in/{date}", "in/2026-11-16"),
        ("a%20b/%Y", "a%20b/%Y"),
        ("", ""),
    ],
)
def test_puts_the_day_in(pattern: str, expected: str) -> None:
    assert fill(check_pattern(pattern), "2026-11-16") == expected


@pytest.mark.parametrize("pattern", ["{runkey}", "{date.year}", "{}", "x{run_key}{0}"])
def test_refuses_a_field_that_it_does_not_know(pattern: str) -> None:
    with pytest.raises(ValueError, match="unknown field"):
        check_pattern(pattern)


def test_refuses_a_run_key_that_is_no_day() -> None:
    with pytest.raises(RecipeError, match="YYYY-MM-DD"):
        fill("{run_key}", "../../etc")
