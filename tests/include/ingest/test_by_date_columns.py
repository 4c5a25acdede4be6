"""Naturally dated rows."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.errors import ContractError
from penstock.ingest.by_date_columns import ByDateColumns
from penstock.ingest.feed import NoDayError

HEADER = b"origin,year,month,day,time\n"


@pytest.mark.parametrize(
    ("columns", "record", "run_key", "expected"),
    [
        (("year", "month", "day"), b"EWR,2013,1,2,x\r\n", "2013-01-02", True),
        (("year", "month", "day"), b"EWR,2013,1,2,x\n", "2013-01-03", False),
        ((1, 2, 3), b"EWR,2013,12,31,x", "2013-12-31", True),
        (("time",), b"EWR,,,,2013-01-02\n", "2013-01-02", True),
        (("time",), b"EWR,,,,2013-01-02T23:30:00-05:00\n", "2013-01-03", True),
        (("time",), b"EWR,,,,2013-01-02T23:30:00\n", "2013-01-02", True),
        (("time",), b'"E,R",1,1,1,"2013-01-02"\n', "2013-01-02", True),
    ],
)
def test_a_record_belongs_to_the_day_it_names(
    columns: tuple[str | int, ...], record: bytes, run_key: str, expected: bool
) -> None:
    feed = ByDateColumns.model_validate({"columns": list(columns)})
    assert feed.belongs(record, HEADER, run_key) is expected


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    feed = ByDateColumns(columns=("day",))
    assert feed.belongs(b"2013-01-02,1\n", b"\xef\xbb\xbfday,x\r\n", "2013-01-02")


GARBAGE = [b"\n", b"EWR\n", b"EWR,2013,13,1,x\n", b"EWR,NA,1,1,x\n", b"\xff\x00,\xff,,,\n", b'"EWR,2013\n']


@pytest.mark.parametrize("record", GARBAGE)
def test_a_record_without_a_date_fails_the_run_and_is_shown(record: bytes) -> None:
    feed = ByDateColumns(columns=("year", "month", "day"))
    with pytest.raises(ContractError, match="expected a date in year, month, day") as caught:
        feed.belongs(record, HEADER, "2013-01-01")
    assert caught.value.failed == {"undated_records": 1}


@pytest.mark.parametrize("record", GARBAGE)
def test_or_is_left_out_and_counted(record: bytes) -> None:
    with pytest.raises(NoDayError):
        ByDateColumns(columns=("year", "month", "day"), undated="skip").belongs(record, HEADER, "2013-01-01")


@pytest.mark.parametrize("header", [b"a,b\n", None])
def test_a_column_that_is_not_there_is_an_error_also_when_undated_records_are_skipped(
    header: bytes | None,
) -> None:
    with pytest.raises(ContractError, match="expected the columns day, got"):
        ByDateColumns(columns=("day",), undated="skip").belongs(b"1,2\n", header, "2013-01-01")


def test_two_columns_are_no_date() -> None:
    with pytest.raises(ValidationError):
        ByDateColumns.model_validate({"columns": ["year", "month"]})
