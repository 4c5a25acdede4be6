"""Archives through the first two stages: landed as they came, every record counted once."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from penstock.errors import RecipeError
from penstock.ingest.stage import ingest
from penstock.manifest import Zone
from penstock.recipe import Recipe, parse
from penstock.stage import Run
from penstock.transfer.archive_records import ArchiveRecords
from penstock.transfer.stage import transfer
from support.warc import digest, http, packed, page, record

DAY = "2026-11-16"
PAGES = [page(f"http://a.example/{n}", f"text {n}") for n in range(5)]
OTHERS = [
    record("warcinfo", "x", b"a: b"), record("request", "http://a.example/0", b"GET / HTTP/1.1"),
    record("revisit", "http://a.example/9", http(b"")),
]  # fmt: skip


@pytest.fixture
def run_with(run_of: Callable[..., Run], tmp_path: Path) -> Callable[..., Run]:
    """Make a run over archives in a folder."""

    def make(files: dict[str, bytes], decoder: dict[str, Any] | None = None, **keys: Any) -> Run:
        folder = tmp_path / "inbox"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        source = {"kind": "folder", "path": str(folder), "compression": "none"}
        document = {
            "dataset": "sample", "start": "2026-01-01", "store": {},
            "ingest": {"source": source, "records": "archive", **keys},
            "transfer": {"decoder": {"kind": "archive", **(decoder or {})}},
        }  # fmt: skip
        return run_of(Recipe.model_validate(document), DAY)

    return make


def rows_of(run: Run, zone: Zone = Zone.RAW) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for entry in run.upstream(Zone.RAW).entries(zone):
        found += parquet.read_table(io.BytesIO(run.lake.fs.cat_file(run.lake.full(entry.path)))).to_pylist()
    return found


def test_lands_an_archive_as_it_is_and_makes_rows_of_its_pages(run_with):
    content = packed(*OTHERS, *PAGES)
    run = run_with({"a.warc.gz": content})
    landed = ingest(run)
    assert (landed.rows_in, landed.rows_out, landed.bytes_out) == (8, 8, len(content))
    (entry,) = run.upstream(Zone.LANDING).entries()
    assert run.lake.fs.cat_file(run.lake.full(entry.path)) == content
    receipt = transfer(run)
    assert (receipt.rows_in, receipt.rows_out, receipt.quarantined) == (8, 5, {})
    assert receipt.dropped == {"skipped:request": 1, "skipped:revisit": 1, "skipped:warcinfo": 1}
    rows = rows_of(run)
    assert [row["url"] for row in rows] == [f"http://a.example/{n}" for n in range(5)]
    assert [row["provenance"]["line"] for row in rows] == [4, 5, 6, 7, 8]
    assert len({row["doc_id"] for row in rows}) == 5
    assert all(gzip.decompress(content[row["offset"] :]).startswith(b"WARC/1.0") for row in rows)


def test_damage_goes_to_quarantine_and_nothing_is_lost(run_with):
    wrong = page("http://a.example/wrong", "changed", WARC_Payload_Digest=digest(b"before"))
    content = packed(PAGES[0]) + packed(PAGES[1])[:90] + packed(PAGES[2], wrong)
    run = run_with(
        {"a.warc.gz": content, "b.warc": PAGES[3] + b"noise\n" * 20 + PAGES[4], "c.warc.gz": b"<html>" * 9}
    )
    assert ingest(run).rows_out == 8
    receipt = transfer(run)
    assert (receipt.rows_out, receipt.quarantined) == (5, {"damaged_record": 1, "not_a_record": 2})
    assert [row["digest"] for row in rows_of(run)].count("wrong") == 1
    bad = rows_of(run, Zone.QUARANTINE)
    assert {row["reason"] for row in bad} == {"damaged_record", "not_a_record"}
    assert any(row["raw"].startswith(b"noise") or b"noise" in row["raw"] for row in bad)


def test_a_second_run_gives_the_same_ids(run_with, tmp_path):
    run = run_with({"a.warc.gz": packed(*PAGES, PAGES[0])})
    ingest(run)
    transfer(run)
    ids = [row["doc_id"] for row in rows_of(run)]
    assert len(set(ids)) == 6
    assert transfer(run).unchanged


def test_an_empty_day_is_published(run_with):
    run = run_with({})
    assert ingest(run).rows_out == 0
    assert transfer(run).rows_out == 0


def test_content_types_and_statuses_choose(run_with):
    image = record("response", "http://a.example/i", http(b"\x89PNG" * 9, "image/png"))
    gone = record("response", "http://a.example/g", http(b"gone", status=404))
    run = run_with({"a.warc": image + gone + PAGES[0]}, {"content_types": ["text/"], "statuses": [200]})
    ingest(run)
    assert transfer(run).dropped == {"skipped:content_type": 1, "skipped:status": 1}


def test_a_bomb_and_a_huge_record_cost_no_memory_beyond_the_bound(run_with):
    bomb = record(
        "response", "http://a.example/b", http(gzip.compress(b"\0" * 80_000_000), Content_Encoding="gzip")
    )
    huge = record("response", "http://a.example/h", http(b"x" * 60_000_000))
    run = run_with({"a.warc.gz": packed(PAGES[0], bomb, huge, PAGES[1])}, max_record_mb=4)
    del bomb, huge
    tracemalloc.start()
    ingest(run)
    receipt = transfer(run)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert receipt.quarantined == {"oversized_payload": 1, "oversized_record": 1}
    assert receipt.rows_out == 2
    assert peak < 40_000_000


def test_a_wrong_pair_of_records_and_decoder_is_refused(run_with, run_of, tmp_path):
    run = run_with({"a.warc.gz": packed(PAGES[0])})
    with pytest.raises(RecipeError, match="expected ingest"):
        ArchiveRecords().reader(None)
    lines = run.recipe.model_dump(mode="json", by_alias=True)
    lines["transfer"]["decoder"] = {"kind": "lines", "column": "text"}
    wrong = run_of(Recipe.model_validate(lines), DAY)
    ingest(wrong)
    with pytest.raises(RecipeError, match="expected the decoder archive"):
        transfer(wrong)


def test_a_recipe_says_that_archives_have_no_feed():
    text = (
        "dataset: x\nstart: 2026-11-01\n"
        "ingest: {source: {kind: folder, path: /nowhere}, records: archive, feed: {kind: replay_by_hash}}\n"
    )
    with pytest.raises(RecipeError, match="records: archive takes files whole"):
        parse(text, where="test")
