"""Rows in files and rows in frames: two ways, one result."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.errors import CorruptionError
from penstock.lake import Lake
from penstock.manifest import Zone
from penstock.process.stage import process

STEPS = {
    "documents alone": "[{kind: whitespace}, {kind: length, min_chars: 5}]",
    "a comparison between documents": (
        "[{kind: length, min_chars: 5}, {kind: exact_duplicates}, {kind: length, max_chars: 400},"
        " {kind: minhash, sketch: 64}, {kind: near_duplicates, index: null}, {kind: tokens}]"
    ),
    "a frame before a comparison": (
        "[{kind: length, min_chars: 5}, {kind: part_duplicates}, {kind: exact_duplicates}, {kind: tokens}]"
    ),
    "a frame after a comparison": "[{kind: exact_duplicates}, {kind: length, min_chars: 5}, {kind: part_duplicates}]",
    "a frame alone": "[{kind: part_duplicates}]",
    "comparisons side by side": "[{kind: exact_duplicates}, {kind: near_duplicates, index: null}]",
}
LONG = "the river runs past the old mill and on to the town where the market is held each week "
TEXTS = [
    "tiny", LONG, LONG.upper(), LONG + "now", None, "", "tiny", "Home page of the mill\nA story that is told here",
    "Home page of the mill\nAnother story that is told", "x" * 500, "质量很好,我喜欢这个", LONG + " and on and on" * 9,
]  # fmt: skip


@pytest.fixture
def day(run_of, recipe_of, publish_raw, rows_in, monkeypatch):
    """Process a day in files and as a frame; return the receipts and the rows of both."""

    def both(steps, *shards):
        found = []
        for way in ("files", "frame"):
            monkeypatch.setattr("penstock.process.flow.is_portable", lambda _, way=way: way == "files")
            run = run_of(recipe_of(steps))
            run = replace(run, lake=Lake(f"{run.lake.uri}/{way}"))
            publish_raw(run, *shards)
            receipt = process(run)
            zones = {zone: rows_in(run, zone) for zone in (Zone.CLEAN, Zone.DROPPED, Zone.QUARANTINE)}
            found.append((receipt, zones))
        return found

    return both


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_files_and_frames_give_the_same_rows(day, raw_of, steps):
    in_files, in_frame = day(f"{{steps: {steps}}}", raw_of(TEXTS[:7]), raw_of(TEXTS[7:], first=7))
    assert in_files[1] == in_frame[1]
    assert in_files[0].dropped == in_frame[0].dropped
    assert in_files[0].rows_out == in_frame[0].rows_out > 0


def test_columns_keep_values_and_types_whatever_they_are(day, raw_of):
    moment = dt.datetime(2026, 11, 16, 3, 4, 5, 678901, tzinfo=dt.UTC)
    columns = {
        "at": pa.array([moment, None, moment], pa.timestamp("us", tz="UTC")),
        "local": pa.array([moment.replace(tzinfo=None)] * 3, pa.timestamp("us")),
        "day": pa.array([moment.date(), None, moment.date()]),
        "price": pa.array([Decimal("1.50"), None, Decimal("-2.25")]),
        "small": pa.array([1, None, -3], pa.int8()),
        "wide": pa.array([1, 2, 3], pa.uint32()),
        "flag": [True, None, False],
        "bytes": [b"\x00\xff", None, b""],
        "links": pa.array([["a", None], None, []], pa.list_(pa.string())),
        "counts": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        "origin": [{"host": "a", "port": 1}, None, {"host": None, "port": 2}],
        "kind": pa.array(["x", "y", None]).dictionary_encode(),
    }
    shard = raw_of(["a first text", "a second text", "a third text"], **columns)
    in_files, in_frame = day("{steps: [{kind: length, min_chars: 5}, {kind: exact_duplicates}]}", shard)
    assert in_files[1] == in_frame[1]
    row = in_files[1][Zone.CLEAN][0]
    assert (row["at"], row["price"], row["wide"], row["kind"]) == (moment, Decimal("1.50"), 1, "x")


def test_raw_rows_that_were_dropped_in_another_flow_are_in_this_one(day, raw_of):
    shard = raw_of(["one", "two", "two"], drop_step=["length", None, None], drop_value=[1.0, None, 2.0])
    in_files, in_frame = day("{steps: [{kind: exact_duplicates}]}", shard)
    assert in_files[1] == in_frame[1]
    assert in_files[0].dropped == {"exact_duplicate": 1}
    assert [row["drop_step"] for row in in_files[1][Zone.CLEAN]] == [None, None]


def test_a_row_that_cannot_be_compared_goes_to_quarantine_alone(day, raw_of):
    content = [b"same", b"\xff\xfe", b"same", b"ok \xc0"]
    shard = raw_of([None] * 4).set_column(1, "text", pa.array(content).view(pa.string()))
    steps = "[{kind: exact_duplicates}, {kind: near_duplicates, index: null}]"
    in_files, in_frame = day(f"{{steps: {steps}}}", shard)
    assert in_files[1] == in_frame[1]
    assert (in_files[0].rows_out, in_files[0].dropped) == (1, {"exact_duplicate": 1})
    assert in_files[0].quarantined == {"process:read:UnicodeDecodeError": 2}
    assert [row["text"] for row in in_files[1][Zone.QUARANTINE]] == ["\ufffd\ufffd", "ok \ufffd"]


def test_a_shard_without_a_column_has_nulls_there(day, raw_of):
    in_files, in_frame = day(
        "{steps: [{kind: exact_duplicates}]}", raw_of(["one", "two"], mark=[1, 2]), raw_of(["three"], first=2)
    )
    assert in_files[1] == in_frame[1]
    assert [row["mark"] for row in in_files[1][Zone.CLEAN]] == [1, 2, None]


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_a_day_of_files_without_rows_is_published_empty(run_of, recipe_of, publish_raw, raw_of, steps):
    run = run_of(recipe_of(f"{{steps: {steps}}}"))
    publish_raw(run, raw_of([]), raw_of([]))
    receipt = process(run)
    assert (receipt.rows_in, receipt.rows_out, receipt.dropped) == (0, 0, {})


def test_output_files_bounds_the_files_of_the_clean_zone(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{output_files: 1, steps: [{kind: exact_duplicates}]}"))
    publish_raw(run, *[raw_of([f"text {n}"], first=n) for n in range(5)])
    process(run)
    (entry,) = run.upstream(Zone.CLEAN).entries(Zone.CLEAN)
    assert entry.rows == 5


def test_a_day_of_one_large_row_group_is_shared_out(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{output_files: 3, steps: [{kind: length}]}"))
    publish_raw(run, raw_of([f"text {n}" for n in range(300)]))
    process(run)
    assert [entry.rows for entry in run.upstream(Zone.CLEAN).entries(Zone.CLEAN)] == [100, 100, 100]


def test_the_file_of_a_task_that_was_run_twice_is_left_out(
    run_of, recipe_of, publish_raw, raw_of, monkeypatch
):
    from penstock.process import stretch

    run = run_of(recipe_of("{steps: [{kind: length}]}"))
    publish_raw(run, raw_of(["one", "two"]))
    execute = stretch.Stretch.execute

    def twice(self, spark):
        execute(self, spark)  # as an executor that was taken for dead: its file is whole, and named by nobody
        return execute(self, spark)

    monkeypatch.setattr(stretch.Stretch, "execute", twice)
    receipt = process(run)
    assert receipt.rows_out == 2
    assert sum(entry.rows for entry in run.upstream(Zone.CLEAN).entries(Zone.CLEAN)) == 2


def test_a_raw_file_that_goes_while_workers_read_is_said(run_of, recipe_of, publish_raw, raw_of, monkeypatch):
    from penstock.process import flow

    run = run_of(recipe_of("{steps: [{kind: length}]}"))
    publish_raw(run, raw_of(["one", "two"]))
    parts_of = flow.parts_of

    def then_gone(lake, paths):
        found = parts_of(lake, paths)
        for path in paths:
            lake.remove(path)
        return found

    monkeypatch.setattr(flow, "parts_of", then_gone)
    with pytest.raises(CorruptionError, match=r"notes .* process: .*but it is gone"):
        process(run)


def test_zone_files_have_no_statistics_of_texts_but_of_other_columns(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{steps: [{kind: length}]}"))
    publish_raw(run, raw_of(["one", "two"]))
    process(run)
    (entry, *_) = run.upstream(Zone.CLEAN).entries(Zone.CLEAN)
    with run.lake.open(entry.path) as stream:
        group = parquet.read_metadata(stream).row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert not columns["text"].is_stats_set
    assert columns["doc_id"].is_stats_set
    assert columns["doc_id"].compression == "ZSTD"
