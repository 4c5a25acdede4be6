"""The transfer stage: every record once, in the raw zone or in quarantine."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.errors import ConservationError, ContractError, CorruptionError, StorageError
from penstock.ingest.stage import ingest
from penstock.lake import Lake
from penstock.ledger import Ledger
from penstock.manifest import Zone
from penstock.recipe import Recipe
from penstock.stage import Run
from penstock.transfer.stage import transfer

DAY = "2026-11-16"
RATED = {
    "kind": "delimited",
    "delimiter": "\t",
    "columns": [{"name": "id"}, {"name": "rating", "type": "double"}, {"name": "text"}],
}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def run_with(run_of: Callable[..., Run], inbox: Path) -> Callable[..., Run]:
    """Make a run over files that are already ingested."""

    def make(files: dict[str, bytes], transfer: dict[str, Any] | None = None, **keys: Any) -> Run:
        for name, content in files.items():
            (inbox / name).write_bytes(content)
        run = run_of(recipe(inbox, transfer or {}, **keys), DAY)
        ingest(run)
        return run

    return make


def recipe(inbox: Path, transfer: dict[str, Any], **keys: Any) -> Recipe:
    source = {"kind": "folder", "path": str(inbox)}
    document = {"dataset": "sample", "start": "2026-01-01", "store": {}, "transfer": transfer}
    return Recipe.model_validate({**document, "ingest": {"source": source, **keys}})


def rows(lake: Lake, zone: Zone = Zone.RAW) -> list[dict[str, Any]]:
    manifest = lake.manifest(Zone.RAW, "sample", DAY)
    return [row for entry in manifest.entries(zone) for row in table(lake, entry.path).to_pylist()]


def table(lake: Lake, path: str) -> pa.Table:
    return parquet.read_table(io.BytesIO(lake.fs.cat_file(lake.full(path))))


def test_records_become_rows_with_identity_and_provenance(run_with: Callable[..., Run], inbox: Path) -> None:
    run = run_with({"a.txt": b"one\n", "b.txt": "好\r\n".encode()})
    receipt = transfer(run)
    first, second = rows(run.lake)
    assert list(first) == ["doc_id", "run_key", "text", "provenance"]
    assert (first["run_key"], first["text"], second["text"]) == (DAY, "one", "好")
    assert first["provenance"]["origin_uri"] == f"file://{inbox}/a.txt"
    assert second["provenance"] | {"sha256": ""} == {
        "origin_uri": f"file://{inbox}/b.txt",
        "landing_file": "b.txt",
        "line": 1,
        "sha256": "",
    }
    assert (receipt.rows_in, receipt.rows_out, receipt.quarantined, receipt.notes) == (2, 2, {}, ())


def test_files_of_many_kinds_share_one_schema(run_with: Callable[..., Run]) -> None:
    decoders = [
        {"files": "tweets.tsv", "decoder": RATED, "constants": {"source": "tweets"}},
        {
            "files": "*.txt",
            "decoder": {"kind": "lines"},
            "constants": {"source": "shop", "label": "positive"},
        },
    ]
    run = run_with({"tweets.tsv": b"1\t0.5\tfine\n", "shop.txt": b"good\n"}, {"decoders": decoders})
    transfer(run)
    shown = [[row[name] for name in ("source", "id", "rating", "text", "label")] for row in rows(run.lake)]
    assert shown == [["shop", None, None, "good", "positive"], ["tweets", "1", 0.5, "fine", None]]


def test_bad_records_are_data_in_quarantine_with_a_reason(run_with: Callable[..., Run]) -> None:
    bad = b"1\t0.5\tfine\n2\tfine\n3\tbest\tfine\n4\t1\t\xff\n5\t1\tn\x00l\n"
    run = run_with({"a.tsv": bad}, {"decoder": RATED})
    receipt = transfer(run)
    assert receipt.quarantined == {"invalid_encoding": 1, "wrong_field_count": 1, "wrong_type": 1}
    assert (receipt.rows_in, receipt.rows_out) == (5, 2)
    assert [row["id"] for row in rows(run.lake)] == ["1", "5"]
    assert receipt.notes == (
        "1 records hold NUL bytes; they were kept",
        "3 records could not be decoded and are in quarantine",
    )
    kept = rows(run.lake, Zone.QUARANTINE)
    assert [(row["reason"], row["raw"], row["provenance"]["line"]) for row in kept] == [
        ("wrong_field_count", b"2\tfine", 2),
        ("wrong_type", b"3\tbest\tfine", 3),
        ("invalid_encoding", b"4\t1\t\xff", 4),
    ]


def test_a_long_bad_record_is_kept_in_part(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.txt": b"\xff" * 100_000})
    transfer(run)
    (row,) = rows(run.lake, Zone.QUARANTINE)
    assert (len(row["raw"]), row["raw_bytes"]) == (1 << 16, 100_000)


def test_bad_records_can_stop_the_run_with_the_evidence_kept(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.tsv": b"1\t0.5\tfine\nbad\nworse\n"}, {"decoder": RATED, "on_bad_record": "fail"})
    with pytest.raises(ContractError, match="got 2 that cannot \\(2 wrong_field_count\\)") as caught:
        transfer(run)
    assert caught.value.failed == {"wrong_field_count": 2}
    (sample,) = Path(str(caught.value.sample_uri)).glob("*.parquet")
    assert parquet.read_table(sample).column("raw").to_pylist() == [b"bad", b"worse"]
    assert run.lake.find_manifest(Zone.RAW, "sample", DAY) is None


def test_an_empty_day_is_one_shard_without_rows(run_with: Callable[..., Run]) -> None:
    run = run_with({})
    receipt = transfer(run)
    (entry,) = run.upstream(Zone.RAW).entries()
    assert (receipt.rows_out, entry.rows) == (0, 0)
    assert table(run.lake, entry.path).schema.names == ["doc_id", "run_key", "text", "provenance"]


def test_a_file_of_0_bytes_is_no_rows_and_a_note(run_with: Callable[..., Run]) -> None:
    receipt = transfer(run_with({"a.txt": b"", "b.txt": b"x\n"}))
    assert receipt.rows_out == 1
    assert receipt.notes == ("1 landing files have 0 bytes: a.txt",)


def test_duplicates_stay_with_different_ids(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.txt": b"same\n" * 3, "b.txt": b"same\n"})
    assert transfer(run).rows_out == 4
    assert len({row["doc_id"] for row in rows(run.lake)}) == 4


def test_headers_and_quoted_line_feeds_are_read(run_with: Callable[..., Run]) -> None:
    decoder = {
        "kind": "delimited",
        "quoting": "csv",
        "columns": [{"name": "n", "type": "long"}, {"name": "text"}],
    }
    run = run_with(
        {"a.csv": b'text,n\r\n"two\nlines",1\r\nx,\r\n'}, {"decoder": decoder}, records="csv", header=True
    )
    assert transfer(run).rows_in == 2
    assert [(row["n"], row["text"], row["provenance"]["line"]) for row in rows(run.lake)] == [
        (1, "two\nlines", 2),
        (None, "x", 4),
    ]


def test_a_whole_file_is_one_row(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.md": b"# one\n\ntext\n", "b.md": b""}, records="file")
    assert transfer(run).rows_in == 1
    assert [row["text"] for row in rows(run.lake)] == ["# one\n\ntext\n"]


def test_a_file_that_no_decoder_fits_stops_the_run(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.bin": b"x\n"}, {"decoders": [{"files": "*.txt", "decoder": {"kind": "lines"}}]})
    with pytest.raises(ContractError, match=r"expected landing files named as \*\.txt, got a\.bin"):
        transfer(run)


def test_the_same_input_is_the_same_bytes(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.txt": b"".join(b"text %d\n" % n for n in range(5000))}, {"shard_rows": 2000})
    transfer(run)
    first = run.upstream(Zone.RAW)
    assert [entry.rows for entry in first.entries()] == [2000, 2000, 1000]
    run.lake.remove(run.lake.manifest_path(Zone.RAW, "sample", DAY))
    transfer(run)
    second = run.upstream(Zone.RAW)
    assert second.attempt != first.attempt
    assert [entry.sha256 for entry in second.entries()] == [entry.sha256 for entry in first.entries()]


def test_a_second_run_changes_nothing(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.txt": b"x\n"})
    assert [transfer(run).unchanged, transfer(run).unchanged] == [False, True]


def test_other_parameters_make_new_rows(
    run_with: Callable[..., Run], inbox: Path, lake: Lake, ledger: Ledger
) -> None:
    run = run_with({"a.txt": b"x\n"})
    transfer(run)
    other = recipe(inbox, {"decoder": {"kind": "lines", "column": "body"}})
    assert not transfer(Run(recipe=other, run_key=DAY, lake=lake, ledger=ledger)).unchanged
    assert "body" in rows(lake)[0]


def test_without_landing_it_says_which_stage_to_run(run_of: Callable[..., Run], inbox: Path) -> None:
    with pytest.raises(ContractError, match="run the stage before this one"):
        transfer(run_of(recipe(inbox, {}), DAY))


def test_a_landing_file_that_was_changed_on_disk_is_found(run_with: Callable[..., Run]) -> None:
    run = run_with({"a.txt": b"one\n"})
    (entry,) = run.upstream(Zone.LANDING).files
    Path(run.lake.full(entry.path)).write_bytes(b"two\n")
    with pytest.raises(CorruptionError, match="sha256 differs"):
        transfer(run)
    assert run.lake.find_manifest(Zone.RAW, "sample", DAY) is None


def test_a_record_that_gets_lost_is_noticed(run_with: Callable[..., Run], lake: Lake) -> None:
    run = run_with({"a.txt": b"one\ntwo\n"})
    manifest = run.upstream(Zone.LANDING)
    (entry,) = manifest.files
    counted = manifest.model_copy(update={"files": (entry.model_copy(update={"rows": 3}),)})
    lake.publish(counted)  # ingest saw three, two can be read
    with pytest.raises(ConservationError, match="3 in, 2 out"):
        transfer(run)


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a disk of 1 MB"
)
def test_a_full_disk_publishes_nothing(inbox: Path, tmp_path: Path, ledger: Ledger) -> None:
    (inbox / "a.txt").write_bytes(os.urandom(400_000).hex().encode())
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this root may not mount")
    try:
        lake = Lake(f"file://{disk}/lake")
        run = Run(recipe=recipe(inbox, {"compression": "none"}), run_key=DAY, lake=lake, ledger=ledger)
        ingest(run)
        with pytest.raises(StorageError, match="the disk or quota is full"):
            transfer(run)
        assert lake.find_manifest(Zone.RAW, "sample", DAY) is None
        assert list(disk.rglob("*.parquet")) == []
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_one_line_of_50_mb_passes_with_its_neighbours(run_with: Callable[..., Run]) -> None:
    long = b"x" * (50 << 20)
    run = run_with({"a.txt": b"before\n" + long + b"\nafter\n"}, {"shard_mb": 8})
    assert transfer(run).rows_out == 3
    assert [len(row["text"]) for row in rows(run.lake)] == [6, 50 << 20, 5]
    assert [entry.rows for entry in run.upstream(Zone.RAW).entries()] == [2, 1]


def test_other_engines_read_what_arrow_wrote(run_with: Callable[..., Run]) -> None:
    import duckdb

    decoder = {
        "kind": "jsonl",
        "columns": [
            {"name": "moment", "type": "timestamp"},
            {"name": "on", "type": "date"},
            {"name": "ok", "type": "boolean"},
        ],
    }
    run = run_with(
        {"a.jsonl": b'{"moment": "2026-11-16T01:00:00Z", "on": "2026-11-16", "ok": true, "more": 1}\n'},
        {"decoder": decoder},
    )
    transfer(run)
    (entry,) = run.upstream(Zone.RAW).entries()
    query = f"select epoch(moment), \"on\"::varchar, ok, extra, provenance.line from '{run.lake.full(entry.path)}'"
    assert duckdb.sql(query).fetchall() == [(1794790800.0, "2026-11-16", True, '{"more":1}', 1)]
