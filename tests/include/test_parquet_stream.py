"""No thread but the one that asks sees the stream: what another lets go of too late aborts a command that ends."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.parquet_stream import ParquetStream

TABLE = pa.table({
    "doc_id": [f"{number:032x}" for number in range(5_000)],
    "text": [f"text {number} " * 20 for number in range(5_000)],
    "n": list(range(5_000)),
})  # fmt: skip
READERS: dict[str, Callable[[ParquetStream], pa.Table]] = {
    "whole": lambda file: file.read(),
    "groups": lambda file: pa.concat_tables(file.group(number) for number in range(file.groups)),
    "batches": lambda file: pa.Table.from_batches(list(file.batches(rows=700))),
}


class TracedStream(io.BytesIO):
    """Bytes that remember which threads asked for them."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.threads: set[int] = set()

    def read(self, size: int | None = -1) -> bytes:
        self.threads.add(threading.get_ident())
        return super().read(size)


@pytest.fixture(scope="module")
def content() -> bytes:
    stream = io.BytesIO()
    parquet.write_table(TABLE, stream, row_group_size=2_000)
    return stream.getvalue()


@pytest.mark.parametrize("name", READERS)
def test_the_rows_are_those_of_the_file_and_only_the_asking_thread_reads(content: bytes, name: str):
    stream = TracedStream(content)
    assert READERS[name](ParquetStream(stream)).equals(TABLE)
    assert stream.threads == {threading.get_ident()}


def test_arrow_alone_would_read_in_threads_of_its_own(content: bytes):
    stream = TracedStream(content)
    parquet.ParquetFile(stream).read()
    assert stream.threads != {threading.get_ident()}


def test_chosen_columns_and_an_empty_choice(content: bytes):
    file = ParquetStream(io.BytesIO(content))
    assert file.schema.names == ["doc_id", "text", "n"]
    assert file.groups == 3
    assert file.group(2, columns=("n",)).to_pydict() == {"n": list(range(4_000, 5_000))}
    assert next(file.batches(rows=2, columns=["n", "doc_id"])).to_pydict() == {
        "n": [0, 1],
        "doc_id": ["0" * 32, "0" * 31 + "1"],
    }
    assert file.read(columns=[]).num_columns == 0


def test_what_is_no_parquet_is_said_by_arrow():
    with pytest.raises(pa.ArrowInvalid):
        ParquetStream(io.BytesIO(b"not parquet"))


PROGRAM = """
import sys
from penstock.parquet_stream import ParquetStream
with open(sys.argv[1], "rb") as stream:
    print(ParquetStream(stream).group(0)["doc_id"][0])
"""


@pytest.mark.integration
def test_a_program_that_ends_right_after_it_read_ends_well(content: bytes, tmp_path: Path):
    """Arrow's own reader aborts about one such program in a hundred on two busy cores."""
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    command: list[Any] = [sys.executable, "-c", PROGRAM, path]
    codes = [subprocess.run(command, check=False, capture_output=True).returncode for _ in range(200)]
    assert codes == [0] * 200
