from __future__ import annotations

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.manifest import Zone
from penstock.process.pii import sample


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Ann.b+1@c.io", "Xxx.x+9@x.xx"),
        ("4111 1111-1111", "9999 9999-9999"),
        ("é中Ж٣", "xxx9"),
        ("a" * 60, "x" * 48 + "…"),
        ("", ""),
    ],
)
def test_a_shape_has_no_letter_and_no_digit_of_the_text(text, shape):
    assert sample.shape_of(text) == shape


def table(first: int, count: int, kinds: tuple[str, ...] = ("email", "ip")) -> pa.Table:
    notes = [
        [{"kind": kind, "shape": "x", "left": "l", "right": "r"} for kind in kinds] for _ in range(count)
    ]
    notes[0], notes[-1] = None, []
    ids = [f"{first + number:032x}" for number in range(count)]
    return pa.table({"doc_id": ids, sample.COLUMN: pa.array(notes, type=sample.column_type())})


def write(lake, *tables: pa.Table):
    attempt = lake.attempt(Zone.CLEAN, "notes", "2026-11-16", "a1")
    for number, rows in enumerate(tables):
        with attempt.create(f"part-{number}.parquet", rows=rows.num_rows) as stream:
            parquet.write_table(rows, stream, row_group_size=7)
    return attempt


def test_a_few_finds_a_kind_are_chosen_whatever_the_order_of_files(lake):
    rows = table(0, 100)
    entries = write(lake, rows.slice(0, 40), rows.slice(40), pa.table({"doc_id": ["x"]})).files
    found = sample.collect(lake, entries)
    assert {kind: sum(f.kind == kind for f in found) for kind in ("email", "ip")} == {"email": 20, "ip": 20}
    assert found == sample.collect(lake, reversed(entries))
    assert {f.doc_id for f in found if f.kind == "email"} != {f.doc_id for f in found if f.kind == "ip"}


def test_no_find_is_no_sample(lake):
    assert sample.collect(lake, write(lake, pa.table({"doc_id": ["x"]})).files) == []


def test_what_is_written_is_read_again(lake):
    attempt = write(lake, table(0, 5))
    finds = sample.collect(lake, attempt.files)
    assert sample.write(attempt, finds) == f"artefacts/notes/2026-11-16/attempt=a1/{sample.FILE}"

    class Published:
        def entries(self, zone):
            return [entry for entry in attempt.files if entry.zone == zone]

    assert sample.read(lake, Published()) == finds
    attempt.files.clear()
    assert sample.read(lake, Published()) == []
