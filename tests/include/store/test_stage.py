"""Store: what is let in, what readers get, and what a crash, a race or a second run changes (nothing)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import sqlalchemy as sa

from penstock.errors import ConservationError, ContractError, CorruptionError, RecipeError
from penstock.ledger import schema
from penstock.manifest import Manifest, Zone
from penstock.receipt import Verdict
from penstock.store.read import open_table, pinned, published_days, scan, scan_newest
from penstock.store.stage import Publication, store
from penstock.version import code_version

ROWS = [("a", "good", 0.5), ("b", None, 1.5), ("c", "bad", None)]
OTHER = [("x", "good", 9.0)]


def labels(run, days=()):
    name = f"{run.recipe.store.namespace}.labeled"
    rows = scan_newest(run.catalog, name, days=days).to_pylist()
    return sorted((row["day"].isoformat(), row["doc_id"], row["label"]) for row in rows)


def penstock_snapshots(run, table="labeled"):
    found = open_table(run.catalog, f"{run.recipe.store.namespace}.{table}")
    main = {entry.snapshot_id for entry in found.history()}
    return [s for s in found.snapshots() if s.snapshot_id in main]


def test_a_day_is_published_as_two_tables_that_pyiceberg_reads(day_run, check):
    run = day_run()
    check(run, ROWS, files=2)
    receipt = store(run)
    assert (receipt.rows_in, receipt.rows_out, receipt.verdict) == (3, 3, Verdict.PASS)
    assert labels(run) == [("2026-11-16", "a", "good"), ("2026-11-16", "b", None), ("2026-11-16", "c", "bad")]
    features = scan(run.lake, run.catalog, "notes", "features", ["2026-11-16"])
    assert features.column_names == ["doc_id", "score", "day"]
    assert published_days(run.lake, "notes") == ["2026-11-16"]


def test_a_published_table_is_read_by_duckdb_too(day_run, check):
    run = day_run()
    check(run, ROWS)
    store(run)
    files = [
        task.file.file_path.removeprefix("file://")
        for task in open_table(run.catalog, f"{run.recipe.store.namespace}.labeled").scan().plan_files()
    ]
    found = duckdb.sql(f"SELECT doc_id, label, day FROM read_parquet({files!r}) ORDER BY doc_id").fetchall()
    assert found == [
        ("a", "good", date(2026, 11, 16)),
        ("b", None, date(2026, 11, 16)),
        ("c", "bad", date(2026, 11, 16)),
    ]


def test_a_snapshot_says_which_run_made_it_and_the_ledger_has_it(day_run, check):
    run = day_run()
    check(run, ROWS, verdict=Verdict.WARN, recorded=Verdict.WARN)
    receipt = store(run)
    [snapshot] = penstock_snapshots(run)
    summary = snapshot.summary.additional_properties
    assert summary["penstock.run_key"] == "2026-11-16"
    assert summary["penstock.recipe_hash"] == run.recipe.digest
    assert summary["penstock.verdict"] == "warn"
    assert summary["penstock.fingerprint"] == receipt.fingerprint
    assert summary["penstock.attempt"] == receipt.attempt
    with run.ledger.engine.connect() as connection:
        rows = connection.execute(sa.select(schema.snapshots)).mappings().all()
    assert [(r["table_name"].rsplit(".", 1)[1], r["rows"], r["verdict"]) for r in rows] == [
        ("labeled", 3, "warn"),
        ("features", 3, "warn"),
    ]
    assert rows[0]["snapshot_id"] == str(snapshot.snapshot_id)


def test_a_second_run_changes_nothing(day_run, check):
    run = day_run()
    check(run, ROWS)
    store(run)
    assert store(run).unchanged
    assert len(penstock_snapshots(run)) == 1


def test_without_its_manifest_a_day_is_recognised_and_not_written_again(day_run, check):
    run = day_run()
    check(run, ROWS)
    first = store(run)
    run.lake.remove(run.lake.manifest_path(Zone.PUBLISHED, "notes", run.run_key))
    second = store(run)
    assert not second.unchanged
    assert "the tables held these rows already: no new snapshot" in second.notes
    assert second.details["tables"] == first.details["tables"]
    assert len(penstock_snapshots(run)) == 1


def test_a_run_replaces_its_own_day_and_nothing_else(day_run, check):
    for day, rows in (("2026-11-17", OTHER), ("2026-11-16", ROWS), ("2026-11-16", OTHER)):
        run = day_run(day)
        check(run, rows)
        store(run)
    assert labels(run) == [("2026-11-16", "x", "good"), ("2026-11-17", "x", "good")]


def test_days_out_of_order_end_as_the_days_in_order(day_run, check):
    for day in ("2026-11-18", "2026-11-16", "2026-11-17"):
        run = day_run(day)
        check(run, [(day, "good", 1.0)])
        store(run)
    assert labels(run) == [(day, day, "good") for day in ("2026-11-16", "2026-11-17", "2026-11-18")]


def test_a_day_that_became_empty_is_emptied(day_run, check):
    for day, rows in (("2026-11-16", ROWS), ("2026-11-17", OTHER), ("2026-11-16", [])):
        run = day_run(day)
        check(run, rows)
        receipt = store(run)
    assert receipt.rows_out == 0
    assert labels(run) == [("2026-11-17", "x", "good")]
    assert store(run).unchanged


def test_a_day_without_files_empties_what_is_there_and_creates_nothing(day_run, check):
    run = day_run()
    check(run, [], files=0)
    receipt = store(run)
    assert receipt.notes == (
        "labeled: not created, this day has no rows and no columns",
        "features: not created, this day has no rows and no columns",
    )
    check(run, ROWS)
    store(run)
    check(run, [], files=0)
    assert store(run).rows_out == 0
    assert labels(run) == []


def test_a_reader_who_pins_sees_the_old_day_until_the_manifest_changes(day_run, check):
    run = day_run()
    check(run, ROWS)
    store(run)
    before = run.lake.manifest(Zone.PUBLISHED, "notes", run.run_key)
    check(run, OTHER)
    store(run)
    after = run.lake.manifest(Zone.PUBLISHED, "notes", run.run_key)
    assert pinned(before, "labeled").snapshot_id != pinned(after, "labeled").snapshot_id
    run.lake.publish(before)
    assert len(scan(run.lake, run.catalog, "notes", "labeled", [run.run_key])) == 3
    run.lake.publish(after)
    assert len(scan(run.lake, run.catalog, "notes", "labeled", [run.run_key])) == 1


# -- what is let in ---------------------------------------------------------------------------------------------


def test_rows_without_a_verdict_are_refused(day_run, check):
    run = day_run()
    check(run, ROWS, recorded=None)
    with pytest.raises(ContractError, match="verdict on the checked rows in the ledger, found none"):
        store(run)
    assert run.lake.find_manifest(Zone.PUBLISHED, "notes", run.run_key) is None


@pytest.mark.parametrize("said", [Verdict.FAIL, Verdict.PASS])
def test_a_manifest_that_failed_its_gate_is_refused_whatever_it_says(day_run, check, said):
    run = day_run()
    check(run, ROWS, verdict=said, recorded=Verdict.FAIL)
    with pytest.raises(ContractError, match="ledger's verdict on them is fail"):
        store(run)


def test_a_manifest_that_claims_another_verdict_than_the_ledger_is_refused(day_run, check):
    run = day_run()
    check(run, ROWS, verdict=Verdict.PASS, recorded=Verdict.WARN)
    with pytest.raises(ContractError, match=r"verdict on them is warn .their manifest says pass"):
        store(run)


def test_an_edited_manifest_is_refused(day_run, check):
    run = day_run()
    check(run, ROWS, verdict=Verdict.FAIL, recorded=Verdict.FAIL)
    path = Path(run.lake.full(run.lake.manifest_path(Zone.CHECKED, "notes", run.run_key)))
    path.write_text(path.read_text().replace('"verdict": "fail"', '"verdict": "pass"'))
    with pytest.raises(CorruptionError, match="checksum does not fit"):
        store(run)


def test_a_forged_manifest_with_a_fitting_checksum_is_refused(day_run, check):
    run = day_run()
    checked = check(run, ROWS, verdict=Verdict.FAIL, recorded=Verdict.FAIL)
    outcome = checked.outcome.model_copy(update={"verdict": Verdict.PASS})
    for fingerprint in (checked.fingerprint, "f" * 64):
        run.lake.publish(checked.model_copy(update={"outcome": outcome, "fingerprint": fingerprint}))
        with pytest.raises(ContractError, match="nothing was published"):
            store(run)


def test_rows_that_were_made_anew_since_the_gate_are_refused(day_run, check):
    run = day_run()
    checked = check(run, ROWS)
    check(run, OTHER)
    run.lake.publish(checked)
    with pytest.raises(ContractError, match=r"clean was made anew since.*run validate again"):
        store(run)


def test_a_run_without_a_checked_manifest_is_told_what_to_run(day_run):
    with pytest.raises(ContractError, match="run the stage before this one"):
        store(day_run())


def test_a_corrupt_checked_shard_is_refused_and_the_table_stays(day_run, check):
    run = day_run()
    check(run, ROWS)
    store(run)
    [entry] = check(run, OTHER).entries()
    path = Path(run.lake.full(entry.path))
    path.write_bytes(b"\0" + path.read_bytes()[1:])
    with pytest.raises(CorruptionError, match="sha256 differs"):
        store(run)
    assert len(labels(run)) == 3


def test_a_refused_run_is_in_the_ledger_as_failed(day_run, check):
    run = day_run()
    check(run, ROWS, recorded=None)
    with pytest.raises(ContractError):
        store(run)
    with run.ledger.engine.connect() as connection:
        states = connection.execute(
            sa.select(schema.stage_runs.c.state).where(schema.stage_runs.c.stage == "store")
        )
        assert states.scalars().all() == ["failed"]


# -- columns that change ----------------------------------------------------------------------------------------


def with_columns(extra):
    return pa.schema([("doc_id", pa.string()), ("label", pa.string()), *extra])


ONE = {"tables": [{"name": "labeled"}]}


def test_a_new_column_is_added_and_null_on_the_days_before(day_run, check):
    run = day_run("2026-11-16", **ONE)
    check(run, [("a", "good")], schema=with_columns([]))
    store(run)
    run = day_run("2026-11-17", **ONE)
    check(run, [("b", "good", 7)], schema=with_columns([("words", pa.int64())]))
    receipt = store(run)
    assert any("new columns words" in note for note in receipt.notes)
    rows = scan_newest(run.catalog, f"{run.recipe.store.namespace}.labeled").to_pylist()
    assert sorted((r["doc_id"], r["words"]) for r in rows) == [("a", None), ("b", 7)]


def test_a_wider_number_widens_the_column_and_a_narrower_one_fits(day_run, check):
    for day, kind in (("2026-11-16", pa.int32()), ("2026-11-17", pa.int64()), ("2026-11-18", pa.int32())):
        run = day_run(day, **ONE)
        check(run, [(day, "good", 7)], schema=with_columns([("words", kind)]))
        store(run)
    rows = scan_newest(run.catalog, f"{run.recipe.store.namespace}.labeled")
    assert (rows.schema.field("words").type, len(rows)) == (pa.int64(), 3)


def test_a_column_that_is_gone_is_null_and_said(day_run, check):
    run = day_run("2026-11-16", **ONE)
    check(run, [("a", "good", 7)], schema=with_columns([("words", pa.int64())]))
    store(run)
    run = day_run("2026-11-17", **ONE)
    check(run, [("b", "good")], schema=with_columns([]))
    assert any("this run has no words" in note for note in store(run).notes)


def test_another_type_is_refused_and_the_table_stays(day_run, check):
    run = day_run("2026-11-16", **ONE)
    check(run, [("a", "good", 7)], schema=with_columns([("words", pa.int64())]))
    store(run)
    run = day_run("2026-11-17", **ONE)
    check(run, [("b", "good", "seven")], schema=with_columns([("words", pa.string())]))
    with pytest.raises(ContractError, match=r"expected column words of type bigint.*got string"):
        store(run)
    assert labels(run) == [("2026-11-16", "a", "good")]


def test_a_table_of_a_column_that_is_not_there_is_the_recipe_s_fault(day_run, check):
    run = day_run(tables=[{"name": "labeled", "columns": ["doc_id", "labels"]}])
    check(run, ROWS)
    with pytest.raises(RecipeError, match=r"expected the columns labels.*did you mean label"):
        store(run)


def test_rows_with_a_day_of_their_own_are_refused(day_run, check):
    run = day_run(**ONE)
    check(run, [("a", "good", 1)], schema=with_columns([("day", pa.int64())]))
    with pytest.raises(RecipeError, match="without a column 'day'"):
        store(run)


# -- races and crashes ------------------------------------------------------------------------------------------


def in_threads(works):
    problems: list[BaseException] = []

    def guarded(work):
        try:
            work()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []


def test_two_attempts_of_a_day_at_once_publish_it_once(day_run, check):
    run = day_run()
    check(run, ROWS)
    in_threads([lambda: store(run), lambda: store(run)])
    assert labels(run) == [("2026-11-16", "a", "good"), ("2026-11-16", "b", None), ("2026-11-16", "c", "bad")]
    assert len(penstock_snapshots(run)) == 1
    assert len(penstock_snapshots(run, "features")) == 1
    manifest = run.lake.manifest(Zone.PUBLISHED, "notes", run.run_key)
    assert pinned(manifest, "labeled").snapshot_id == str(penstock_snapshots(run)[0].snapshot_id)


def test_three_days_at_once_are_all_there(day_run, check):
    runs = [day_run(f"2026-11-{day}") for day in (16, 17, 18)]
    for run in runs:
        check(run, [(run.run_key, "good", 1.0)])
    in_threads([lambda run=run: store(run) for run in runs])
    assert labels(runs[0]) == [(run.run_key, run.run_key, "good") for run in runs]
    assert [len(penstock_snapshots(runs[0], name)) for name in ("labeled", "features")] == [3, 3]


KILLED = """
import os, signal, sys, json
import penstock.stage
from penstock.jobs.session import connect
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.store.formats.iceberg import IcebergFormat
from penstock.store.section import StoreSection
from penstock.store.stage import store

told = json.loads(sys.argv[1])
penstock.stage.code_version = lambda: told["code"]  # the source may be edited while the tests run
commit, number = IcebergFormat.commit, 0

def commit_and_die(self, *args):
    global number
    if number == told["commits"]:
        os.kill(os.getpid(), signal.SIGKILL)
    number += 1
    return commit(self, *args)

IcebergFormat.commit = commit_and_die
store(Run(
    recipe=Recipe.only("notes", store=StoreSection.model_validate(told["store"])), run_key=told["run_key"],
    lake=Lake(told["lake"]), ledger=Ledger(told["ledger"]), catalog=told["catalog"],
    spark=lambda: connect(told["spark"], timeout_s=60),
))
"""


@pytest.mark.parametrize("commits", [0, 1])
def test_a_kill_before_or_between_the_commits_is_healed_by_the_next_attempt(
    day_run, check, penstock_home, commits
):
    from penstock.services.spark_server import ensure_running

    run = day_run()
    check(run, OTHER)
    store(run)
    check(run, ROWS)
    told = {
        "commits": commits,
        "code": code_version(),
        "store": run.recipe.store.model_dump(mode="json"),
        "run_key": run.run_key,
        "lake": run.lake.uri,
        "ledger": run.ledger.url,
        "catalog": dict(run.catalog),
        "spark": ensure_running(penstock_home),
    }
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, json.dumps(told)], timeout=120, check=False, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert len(labels(run)) == (3 if commits else 1)
    assert len(scan(run.lake, run.catalog, "notes", "labeled", [run.run_key])) == 1, (
        "a pinned reader sees one run"
    )
    assert store(run).rows_out == 3
    assert [len(penstock_snapshots(run, name)) for name in ("labeled", "features")] == [2, 2]
    assert len(scan(run.lake, run.catalog, "notes", "features", [run.run_key])) == 3
    refs = open_table(run.catalog, f"{run.recipe.store.namespace}.features").metadata.refs
    assert list(refs) == ["main"]


def test_a_failure_between_staging_and_commit_leaves_no_trace(day_run, check, monkeypatch):
    run = day_run()
    check(run, ROWS)
    monkeypatch.setattr(type(run.recipe.store.format), "staged_rows", lambda *_: 2)
    with pytest.raises(ConservationError, match="expected 3 rows staged"):
        store(run)
    monkeypatch.undo()
    assert labels(run) == []
    assert store(run).rows_out == 3
    assert len(penstock_snapshots(run)) == 1


def test_a_table_that_lost_the_day_since_is_published_again(day_run, check, session):
    run = day_run()
    check(run, ROWS)
    store(run)
    publication = Publication(run, run.upstream(Zone.CHECKED))
    table = f"penstock.{run.recipe.store.namespace}.labeled"
    publication.spark.sql(f"DROP TABLE {table}").collect()
    receipt = store(run)
    assert not receipt.unchanged
    assert len(labels(run)) == 3
    assert isinstance(run.lake.manifest(Zone.PUBLISHED, "notes", run.run_key), Manifest)


# -- Parquet and ORC --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("parquet", "gzip"),
        ("parquet", "zstd"),
        ("parquet", "snappy"),
        ("orc", "gzip"),
        ("orc", "zstd"),
        ("orc", "snappy"),
    ],
)
def test_files_of_each_format_and_codec_are_read_by_name(day_run, check, session, kind, codec):
    format_ = {"kind": kind, "codec": codec}
    for day, rows in (("2026-11-17", OTHER), ("2026-11-16", OTHER), ("2026-11-16", ROWS)):
        run = day_run(day, format=format_)
        check(run, rows)
        receipt = store(run)
    name = f"{run.recipe.store.namespace}.labeled"
    session.sql(f"REFRESH TABLE {name}").collect()
    found = [
        tuple(row)
        for row in session.sql(f"SELECT day, doc_id, label FROM {name} ORDER BY day, doc_id").collect()
    ]
    assert found == [*((date(2026, 11, 16), *row[:2]) for row in ROWS), (date(2026, 11, 17), "x", "good")]
    assert receipt.rows_out == 3
    read = scan(run.lake, run.catalog, "notes", "labeled", ["2026-11-16", "2026-11-17"])
    assert (len(read), read.column_names) == (4, ["doc_id", "label", "day"])
    entries = run.lake.manifest(Zone.PUBLISHED, "notes", "2026-11-16").entries()
    assert {entry.path.rsplit(".", 1)[1] for entry in entries} == {kind}
    word = {("orc", "gzip"): "zlib", ("parquet", "gzip"): "gz"}.get((kind, codec), codec)
    assert all(f".{word}." in entry.path for entry in entries)
    assert store(run).unchanged


def test_a_corrupt_file_of_a_parquet_table_is_written_again(day_run, check):
    run = day_run(format={"kind": "parquet"})
    check(run, ROWS)
    store(run)
    entry = run.lake.manifest(Zone.PUBLISHED, "notes", run.run_key).entries()[0]
    Path(run.lake.full(entry.path)).write_bytes(b"")
    receipt = store(run)
    assert not receipt.unchanged
    assert len(scan(run.lake, run.catalog, "notes", "labeled", [run.run_key])) == 3


def test_a_parquet_day_that_became_empty_is_emptied_and_the_old_files_stay(day_run, check, session):
    run = day_run(format={"kind": "parquet"})
    check(run, ROWS)
    store(run)
    before = run.lake.manifest(Zone.PUBLISHED, "notes", run.run_key)
    check(run, [])
    store(run)
    name = f"{run.recipe.store.namespace}.labeled"
    session.sql(f"REFRESH TABLE {name}").collect()
    assert session.sql(f"SELECT count(*) FROM {name}").collect()[0][0] == 0
    run.lake.verify(before)


def test_a_parquet_table_takes_new_columns_and_refuses_another_type(day_run, check, session):
    section = {"format": {"kind": "parquet"}, **ONE}
    run = day_run("2026-11-16", **section)
    check(run, [("a", "good")], schema=with_columns([]))
    store(run)
    run = day_run("2026-11-17", **section)
    check(run, [("b", "good", 7)], schema=with_columns([("words", pa.int32())]))
    store(run)
    name = f"{run.recipe.store.namespace}.labeled"
    session.sql(f"REFRESH TABLE {name}").collect()
    assert [tuple(r) for r in session.sql(f"SELECT doc_id, words FROM {name} ORDER BY 1").collect()] == [
        ("a", None),
        ("b", 7),
    ]
    run = day_run("2026-11-18", **section)
    check(run, [("b", "good", 7)], schema=with_columns([("words", pa.int64())]))
    with pytest.raises(ContractError, match=r"expected column words of type int, .*got bigint"):
        store(run)
