"""A replayed archive: each record has one day of the cycle, for ever."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from penstock.ingest.replay_by_hash import ReplayByHash

records = st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"") + b"\n"), max_size=40)
dates = st.dates(date(1970, 1, 1), date(2100, 1, 1))


@given(archive=records, first=dates, cycle=st.integers(1, 30), key=st.none() | st.integers(0, 3))
def test_successive_days_of_a_cycle_partition_the_archive(
    archive: list[bytes], first: date, cycle: int, key: int | None
) -> None:
    feed = ReplayByHash(cycle_days=cycle, key=key)
    days = [(first + timedelta(n)).isoformat() for n in range(cycle)]
    picked = [record for day in days for record in archive if feed.belongs(record, None, day)]
    assert sorted(picked) == sorted(archive)


@given(record=st.binary(max_size=50), day=dates)
def test_a_day_has_the_same_records_in_every_cycle(record: bytes, day: date) -> None:
    feed, later = ReplayByHash(cycle_days=7), day + timedelta(7)
    assert feed.belongs(record, None, day.isoformat()) == feed.belongs(record, None, later.isoformat())


def test_the_slice_does_not_depend_on_the_line_end() -> None:
    feed = ReplayByHash(cycle_days=1000)
    assert len({feed.slice_of(b"text" + end) for end in (b"", b"\n", b"\r\n")}) == 1


def test_the_hash_never_changes() -> None:
    assert [ReplayByHash(cycle_days=1000).slice_of(text) for text in (b"", b"good", "好".encode())] == [
        876,
        232,
        85,
    ]


def test_records_of_one_key_stay_together() -> None:
    feed = ReplayByHash(cycle_days=1000, key=1)
    assert len({feed.slice_of(b"%d\tuser\ttext" % n) for n in range(50)}) == 1


def test_a_record_without_the_key_field_is_hashed_whole() -> None:
    keyed, whole = ReplayByHash(cycle_days=1000, key=5), ReplayByHash(cycle_days=1000)
    assert keyed.slice_of(b"a\tb\n") == whole.slice_of(b"a\tb\n")


@pytest.mark.parametrize("cycle_days", [0, -1, 4000])
def test_refuses_a_cycle_that_is_none(cycle_days: int) -> None:
    with pytest.raises(ValidationError, match="cycle_days"):
        ReplayByHash(cycle_days=cycle_days)
