"""Shards of bounded size whose bytes are decided by their rows."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.lake import Attempt, Lake
from penstock.manifest import Zone
from penstock.transfer.shards import ShardLimits, ShardWriter

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])
LIMITS = ShardLimits(rows=1000, mb=10, compression="zstd")


def write(
    lake: Lake,
    rows: int,
    limits: ShardLimits = LIMITS,
    *,
    attempt: str = "a",
    text: str = "x",
    always: bool = True,
) -> Attempt:
    opened = lake.attempt(Zone.RAW, "sample", "2026-11-16", attempt)
    with ShardWriter(opened, SCHEMA, limits, always=always) as writer:
        for n in range(rows):
            writer.add([n, text], len(text))
    return opened


def tables(attempt: Attempt) -> list[pa.Table]:
    contents = [attempt.lake.fs.cat_file(attempt.lake.full(entry.path)) for entry in attempt.files]
    return [parquet.read_table(io.BytesIO(content)) for content in contents]


@pytest.mark.parametrize(
    ("rows", "expected"), [(1, [1]), (9, [9]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])]
)
def test_a_shard_is_full_after_its_rows(lake: Lake, rows: int, expected: list[int]) -> None:
    attempt = write(lake, rows, LIMITS.model_copy(update={"rows": 10}))
    assert [entry.rows for entry in attempt.files] == expected
    assert [Path(entry.path).name for entry in attempt.files] == [
        f"part-{n:05d}.parquet" for n in range(len(expected))
    ]
    assert [n for table in tables(attempt) for n in table.column("n").to_pylist()] == list(range(rows))


def test_a_shard_is_full_after_its_megabytes(lake: Lake) -> None:
    attempt = write(lake, 5, LIMITS.model_copy(update={"mb": 1}), text="x" * 600_000)
    assert [entry.rows for entry in attempt.files] == [2, 2, 1]


def test_no_rows_are_one_shard_with_the_schema_or_none(lake: Lake) -> None:
    (table,) = tables(write(lake, 0))
    assert (table.num_rows, table.schema.names) == (0, ["n", "text"])
    assert write(lake, 0, attempt="b", always=False).files == []


@pytest.mark.parametrize("compression", ["zstd", "gzip", "snappy", "none"])
def test_the_same_rows_are_the_same_bytes(lake: Lake, compression: str) -> None:
    limits = LIMITS.model_copy(update={"compression": compression})
    first, second = (write(lake, 100, limits, attempt=name) for name in "ab")
    assert [entry.sha256 for entry in first.files] == [entry.sha256 for entry in second.files]
    content = lake.fs.cat_file(lake.full(first.files[0].path))
    used = parquet.read_metadata(io.BytesIO(content)).row_group(0).column(0).compression
    assert used == ("UNCOMPRESSED" if compression == "none" else compression.upper())


def test_a_level_changes_the_size_alone(lake: Lake) -> None:
    sizes = []
    for level in (1, 19):
        limits = LIMITS.model_copy(update={"level": level})
        attempt = write(lake, 1000, limits, attempt=f"level{level}", text="some text " * 50)
        sizes.append(attempt.files[0].bytes)
        assert tables(attempt)[0].num_rows == 1000
    assert sizes[0] != sizes[1]


def test_a_block_that_breaks_leaves_no_entry(lake: Lake) -> None:
    attempt = lake.attempt(Zone.RAW, "sample", "2026-11-16", "a")
    with (
        pytest.raises(KeyError),
        ShardWriter(attempt, SCHEMA, LIMITS.model_copy(update={"rows": 2})) as writer,
    ):
        for n in range(3):
            writer.add([n, "x"], 1)
        raise KeyError
    assert [entry.rows for entry in attempt.files] == [2]
