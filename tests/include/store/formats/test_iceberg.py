"""Iceberg: a day on a branch, made the table's by one fast-forward."""

from __future__ import annotations

import pytest

from penstock.errors import SourceError
from penstock.store.catalog import configure
from penstock.store.format import Target
from penstock.store.formats.iceberg import IcebergFormat

FORMAT = IcebergFormat()


@pytest.fixture
def target(lake, namespace, session, catalog):
    """Make a target of an attempt on one table."""
    configure(session, catalog)

    def make(attempt_id: str, run_key: str = "2026-11-16", fingerprint: str = "f") -> Target:
        return Target(
            lake=lake,
            dataset="d",
            namespace=namespace,
            table="t",
            run_key=run_key,
            fingerprint=fingerprint,
            attempt_id=attempt_id,
            properties={"penstock.run_key": run_key, "penstock.fingerprint": fingerprint},
        )

    return make


def read(session, target):
    return sorted(row.a for row in session.table(FORMAT.name_of(target)).collect())


def test_what_is_staged_is_unseen_until_it_is_committed(session, target):
    one = target("one")
    frame = session.createDataFrame([(1,), (2,)], "a int")
    assert not FORMAT.exists(session, one)
    assert FORMAT.prepare(session, one, frame) == []
    FORMAT.stage(session, one, frame)
    assert (read(session, one), FORMAT.staged_rows(session, one), FORMAT.current(session, one)) == (
        [],
        2,
        None,
    )
    snapshot = FORMAT.commit(session, one, frame)
    assert (read(session, one), FORMAT.count(session, one, snapshot)) == ([1, 2], 2)
    assert FORMAT.current(session, one) == snapshot.model_copy(update={"created": False})
    assert FORMAT.holds(session, one, snapshot)
    assert FORMAT.files(one, snapshot) == []


def test_what_is_discarded_never_was(session, target):
    one = target("one")
    frame = session.createDataFrame([(1,)], "a int")
    FORMAT.prepare(session, one, frame)
    FORMAT.stage(session, one, frame)
    FORMAT.discard(session, one, "one")
    FORMAT.discard(session, one, "one")
    refs = [row.name for row in session.sql(f"SELECT name FROM {FORMAT.name_of(one)}.refs").collect()]
    assert refs == []


def test_a_writer_who_was_overtaken_by_another_day_stages_again(session, target):
    one, other = target("one"), target("other", "2026-11-17", "g")
    frames = {one: session.createDataFrame([(1,)], "a int"), other: session.createDataFrame([(2,)], "a int")}
    for each, frame in frames.items():
        FORMAT.prepare(session, each, frame)
        FORMAT.stage(session, each, frame)
    snapshots = [FORMAT.commit(session, each, frame) for each, frame in frames.items()]
    assert read(session, one) == [1, 2]
    assert [snapshot.created for snapshot in snapshots] == [True, True]
    assert all(FORMAT.holds(session, each, s) for each, s in zip(frames, snapshots, strict=True))


def test_a_writer_who_was_overtaken_by_the_same_rows_takes_those(session, target):
    one, twin = target("one"), target("twin")
    frame = session.createDataFrame([(1,)], "a int")
    FORMAT.prepare(session, one, frame)
    for each in (one, twin):
        FORMAT.stage(session, each, frame)
    first, second = FORMAT.commit(session, one, frame), FORMAT.commit(session, twin, frame)
    assert (second.snapshot_id, second.created) == (first.snapshot_id, False)
    assert read(session, one) == [1]


def test_a_writer_who_staged_on_top_of_the_same_rows_takes_those(session, target):
    one, twin = target("one"), target("twin")
    frame = session.createDataFrame([(1,)], "a int")
    FORMAT.prepare(session, one, frame)
    assert FORMAT.current(session, twin) is None
    FORMAT.stage(session, one, frame)
    first = FORMAT.commit(session, one, frame)
    FORMAT.stage(session, twin, frame)
    second = FORMAT.commit(session, twin, frame)
    assert (second.snapshot_id, second.created) == (first.snapshot_id, False)
    assert session.sql(f"SELECT * FROM {FORMAT.name_of(one)}.history").count() == 1
    assert [row.name for row in session.sql(f"SELECT name FROM {FORMAT.name_of(one)}.refs").collect()] == [
        "main"
    ]


def test_a_day_that_was_rolled_back_is_not_current(session, target):
    frame = session.createDataFrame([(1,)], "a int")
    first, second = target("one"), target("two", fingerprint="g")
    FORMAT.prepare(session, first, frame)
    FORMAT.stage(session, first, frame)
    before = FORMAT.commit(session, first, frame)
    FORMAT.stage(session, second, frame)
    after = FORMAT.commit(session, second, frame)
    assert FORMAT.holds(session, second, after)
    table = FORMAT.name_of(first).removeprefix("penstock.").replace("`", "")
    session.sql(f"CALL penstock.system.rollback_to_snapshot('{table}', {before.snapshot_id})").collect()
    assert not FORMAT.holds(session, second, after)
    assert FORMAT.holds(session, first, before)


def test_a_catalog_that_refuses_each_time_is_trouble_to_retry(session, target, monkeypatch):
    monkeypatch.setattr("penstock.store.formats.iceberg._TRIES", 2)
    one = target("one")
    frame = session.createDataFrame([(1,)], "a int")
    with pytest.raises(SourceError, match="within 2 tries"):
        FORMAT.discard(session, one, "one")
    FORMAT.prepare(session, one, frame)
    monkeypatch.setattr(
        IcebergFormat, "_fast_forward", lambda *_: session.sql("SELECT raise_error('x')").collect()
    )
    FORMAT.stage(session, one, frame)
    with pytest.raises(SourceError, match="other writers won each time"):
        FORMAT.commit(session, one, frame)
    assert read(session, one) == []
