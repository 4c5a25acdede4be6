from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from penstock.errors import CorruptionError
from penstock.process.parts import Part, PartWriter, divide, is_portable, parts_of, read_batches

SCHEMA = pa.schema([("doc_id", pa.string()), ("text", pa.string())])


def table_of(rows):
    return pa.table(
        {"doc_id": [f"{n:03}" for n in range(rows)], "text": ["a text " * (n % 5) for n in range(rows)]}
    )


@pytest.fixture
def stored(lake):
    """Write a table in row groups of some rows; return its path from the lake's root."""

    def write(table, name="rows.parquet", *, group=7):
        parquet.write_table(table, lake.full(name), row_group_size=group)
        return name

    lake.fs.makedirs(lake.root, exist_ok=True)
    return write


@given(
    sizes=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 10_000)), min_size=1, max_size=12),
    tasks=st.integers(1, 20),
)
def test_every_row_is_in_one_task_and_in_order(sizes, tasks):
    parts = [Part("file", number, 0, rows, size) for number, (rows, size) in enumerate(sizes)]
    lists = divide(parts, tasks)
    assert 1 <= len(lists) <= tasks
    assert all(lists)
    rows = [(part.group, row) for each in lists for part in each for row in range(part.begin, part.end)]
    assert rows == [(part.group, row) for part in parts for row in range(part.begin, part.end)]
    assert sum(part.bytes for each in lists for part in each) == sum(part.bytes for part in parts)


def test_one_large_row_group_goes_to_all_tasks():
    lists = divide([Part("file", 0, 0, 1000, 1_000_000)], 4)
    assert [sum(part.rows for part in each) for each in lists] == [250, 250, 250, 250]


def test_a_row_group_that_nearly_fits_is_not_cut():
    parts = [Part("file", number, 0, 100, 1000 + number) for number in range(8)]
    assert [len(each) for each in divide(parts, 2)] == [4, 4]


def test_of_no_parts_there_is_no_task():
    assert divide([], 3) == []


@pytest.mark.parametrize("tasks", [1, 2, 3, 5, 23])
def test_what_tasks_read_is_the_file(lake, stored, tasks):
    table = table_of(23)
    parts = parts_of(lake, [stored(table)])
    assert [part.rows for part in parts] == [7, 7, 7, 2]
    read = [batch for each in divide(parts, tasks) for batch in read_batches(lake, each, SCHEMA)]
    assert pa.Table.from_batches(read).equals(table)


def test_columns_that_a_file_lacks_are_null_and_types_are_those_asked_for(lake, stored):
    first = stored(
        pa.table({"text": pa.array(["a"], pa.large_string()), "doc_id": pa.array(["1"]).dictionary_encode()})
    )
    second = stored(pa.table({"doc_id": ["2"], "other": [1]}), "second.parquet")
    (one, two) = read_batches(lake, parts_of(lake, [first, second]), SCHEMA)
    assert (one.to_pylist(), two.to_pylist()) == (
        [{"doc_id": "1", "text": "a"}],
        [{"doc_id": "2", "text": None}],
    )
    assert one.schema == two.schema == SCHEMA


def test_a_row_longer_than_a_batch_is_a_batch(lake, stored, monkeypatch):
    monkeypatch.setattr("penstock.process.parts.BATCH_BYTES", 10)
    table = pa.table({"doc_id": ["1", "2"], "text": ["x" * 1000, "y"]})
    assert [b.num_rows for b in read_batches(lake, parts_of(lake, [stored(table)]), SCHEMA)] == [1, 1]


def test_a_file_that_is_gone_is_said_with_what_to_do(lake, stored):
    parts = parts_of(lake, [stored(table_of(3))])
    lake.remove("rows.parquet")
    with pytest.raises(CorruptionError, match="run the stage that wrote it again"):
        list(read_batches(lake, parts, SCHEMA))


def test_a_writer_makes_row_groups_of_some_bytes_and_no_file_without_rows(lake, monkeypatch):
    monkeypatch.setattr("penstock.process.parts.ROW_GROUP_BYTES", 500)
    table = table_of(100)
    writer = PartWriter(lake, "made/rows.parquet")
    for batch in table.to_batches(max_chunksize=10):
        writer.write(batch)
    writer.close()
    with lake.open("made/rows.parquet") as stream:
        file = parquet.ParquetFile(stream)
        assert file.num_row_groups > 3
        assert file.read().equals(table)
    nothing = PartWriter(lake, "made/nothing.parquet")
    nothing.write(table.to_batches()[0].slice(0, 0))
    nothing.close()
    assert (writer.rows, nothing.rows) == (100, 0)
    assert not lake.fs.exists(lake.full("made/nothing.parquet"))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pa.list_(pa.struct([("a", pa.decimal128(10, 2)), ("b", pa.date32())])), True),
        (pa.map_(pa.string(), pa.timestamp("us", tz="UTC")), True),
        (pa.timestamp("us"), True),
        (pa.duration("us"), False),
        (pa.list_(pa.duration("us")), False),
        (pa.month_day_nano_interval(), False),
        (pa.null(), False),
    ],
)
def test_which_types_files_keep(kind, expected):
    assert is_portable(pa.schema([("doc_id", pa.string()), ("x", kind)])) is expected
