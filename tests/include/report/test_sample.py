"""A sample is the same for the same rows, whatever files and batches they come in."""

from __future__ import annotations

import pyarrow as pa
from pyarrow import parquet

from penstock.lake import Lake
from penstock.manifest import Zone
from penstock.report.sample import Sample, column_types, read_batches


def rows(first: int, count: int) -> pa.Table:
    return pa.table(
        {"doc_id": [f"{n:032x}" for n in range(first, first + count)], "n": list(range(first, first + count))}
    )


def chosen(tables: list[pa.Table], size: int = 10, seed: int = 0) -> list[int]:
    sample = Sample(size, seed=seed)
    for table in tables:
        sample.add(table)
    found = sample.rows()
    return found["n"].to_pylist() if found is not None else []


def test_the_same_rows_are_chosen_in_whatever_order_they_come():
    assert chosen([rows(0, 1000)]) == chosen([rows(500, 500), rows(0, 250), rows(250, 250)])


def test_another_seed_chooses_others():
    assert chosen([rows(0, 1000)]) != chosen([rows(0, 1000)], seed=1)


def test_each_row_has_the_same_chance():
    counts = [0] * 20
    for seed in range(400):
        for n in chosen([rows(0, 20)], size=5, seed=seed):
            counts[n] += 1
    assert all(60 <= count <= 140 for count in counts)  # expected 100, sigma 8.7


def test_memory_is_bounded_and_nothing_is_lost_of_few_rows():
    sample = Sample(3)
    for first in range(0, 50_000, 5_000):
        sample.add(rows(first, 5_000))
        assert sample._held <= 2 * 3 + 4096 + 5_000
    assert sample.seen == 50_000
    assert len(chosen([rows(0, 2)])) == 2
    assert chosen([]) == []


def test_rows_without_an_id_are_told_apart_by_position():
    assert len(chosen([pa.table({"n": [1, 1, 1, 1]})], size=2)) == 2


def test_reads_only_the_columns_that_a_file_has(lake: Lake):
    attempt = lake.attempt(Zone.CLEAN, "notes", "2026-11-16", "a")
    for name, table in {"a.parquet": rows(0, 0), "b.parquet": rows(0, 3)}.items():
        with attempt.create(name, rows=table.num_rows) as file:
            parquet.write_table(table, file)
    assert [t.to_pydict() for t in read_batches(lake, attempt.files, ["n", "nothing"])] == [{"n": [0, 1, 2]}]
    assert list(column_types(lake, attempt.files)) == ["doc_id", "n"]
    assert column_types(lake, []) == {}
