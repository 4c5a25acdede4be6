"""Parquet and ORC: a day's partition points to one attempt's files."""

from __future__ import annotations

import pytest

from penstock.store.format import Target
from penstock.store.formats.files import OrcFormat, ParquetFormat


@pytest.mark.parametrize("format_", [ParquetFormat(), OrcFormat(codec="gzip")], ids=["parquet", "orc"])
def test_a_day_is_switched_in_one_step_and_the_old_files_stay(session, lake, namespace, format_):
    def target(attempt_id: str) -> Target:
        return Target(
            lake=lake,
            dataset="d",
            namespace=namespace,
            table="t",
            run_key="2026-11-16",
            fingerprint="f",
            attempt_id=attempt_id,
        )

    def read():
        session.sql(f"REFRESH TABLE {format_.name_of(one)}").collect()
        return sorted(row.a for row in session.table(format_.name_of(one)).collect())

    one, two, dead = target("one"), target("two"), target("dead")
    frame, other = session.createDataFrame([(1,), (2,)], "a int"), session.createDataFrame([(3,)], "a int")
    format_.prepare(session, one, frame)
    format_.stage(session, one, frame)
    assert (read(), format_.staged_rows(session, one)) == ([], 2)
    first = format_.commit(session, one, frame)
    assert (read(), format_.count(session, one, first), format_.holds(session, one, first)) == (
        [1, 2],
        2,
        True,
    )
    assert sum(entry.rows for entry in format_.files(one, first)) == 2

    for each in (two, dead):
        format_.stage(session, each, other)
    assert read() == [1, 2]
    second = format_.commit(session, two, other)
    assert (read(), format_.holds(session, two, first), format_.holds(session, two, second)) == (
        [3],
        False,
        True,
    )
    assert sum(entry.rows for entry in format_.files(two, first)) == 2, "a reader may still have them open"
    for attempt_id in ("dead", "two", "never"):
        format_.discard(session, two, attempt_id)
    assert read() == [3]
    assert not lake.fs.exists(lake.full(dead.data_path))
    assert format_.current(session, two) is None


@pytest.mark.parametrize(
    ("format_", "word"),
    [
        (ParquetFormat(codec="gzip"), "gzip"),
        (OrcFormat(codec="gzip"), "zlib"),
        (OrcFormat(), "zstd"),
        (ParquetFormat(codec="snappy"), "snappy"),
    ],
)
def test_a_codec_has_the_name_that_the_format_knows(format_, word):
    assert format_.compression == word
