"""The Spark data source, on a real server."""

from __future__ import annotations

import functools
import json
import pickle
from pathlib import Path

import pytest

from penstock.archive.datasource import ArchiveOptions, ArchiveReader, ArchiveSource
from penstock.errors import RecipeError
from penstock.ranges import RangeReader
from penstock.stores import ChangedError
from support.range_server import served
from support.warc import http, packed, page, record

PAGES = [page(f"http://a.example/{n}", "text " * (n % 50)) for n in range(400)]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crawl")
    (folder / "a.warc.gz").write_bytes(packed(*PAGES[:300]))
    damaged = packed(PAGES[300]) + packed(PAGES[301])[:80] + packed(*PAGES[302:])
    request = record("request", "http://a.example/0", b"GET / HTTP/1.1")
    (folder / "b.warc.gz").write_bytes(packed(request) + damaged)
    (folder / "c.warc.wet").write_bytes(record("conversion", "http://c.example/", "schön".encode()))
    return folder


def rows_of(**options: object) -> list[dict[str, object]]:
    """Read in this process, as the executors do."""
    reader = ArchiveReader(ArchiveOptions.model_validate(options))
    parts = [pickle.loads(pickle.dumps(part)) for part in reader.partitions()]
    return [row for part in parts for batch in reader.read(part) for row in batch.to_pylist()]


def test_cut_or_whole_the_rows_are_the_same(crawl: Path, monkeypatch: pytest.MonkeyPatch):
    whole = rows_of(path=str(crawl), split_mb=0)
    assert len(whole) == 400 - 1 + 1 + 1
    assert [row["error"] for row in whole if row["error"]] == ["damaged_record"]
    monkeypatch.setattr(ArchiveReader, "partitions", _cut_small)
    assert rows_of(path=str(crawl / "a.warc.gz")) == [r for r in whole if r["file"].endswith("/a.warc.gz")]


def _cut_small(self: ArchiveReader):
    from penstock.archive.datasource import _Part
    from penstock.archive.splits import plan

    files = self._files()
    return [_Part(s) for s in plan(files, split_bytes=7000, is_splittable=dict.fromkeys(files, True))]


def test_goes_on_where_a_reader_stopped(crawl: Path):
    whole = rows_of(path=str(crawl / "a.warc.gz"))
    resume = json.dumps({whole[250]["file"]: whole[250]["offset"]})
    assert rows_of(path=str(crawl / "a.warc.gz"), resume=resume) == whole[250:]


def test_options_choose(crawl: Path, tmp_path: Path):
    assert len(rows_of(path=f"{crawl}/*.wet")) == 1
    assert rows_of(path=f"{crawl}/b.warc.gz", types="request")[0]["record_type"] == "request"
    assert all(row["error"] is None for row in rows_of(path=str(crawl), errors="skip"))
    (tmp_path / "x.warc").write_bytes(
        record("response", "http://x.example/", http(b"y" * (2 << 20), status=500))
    )
    assert rows_of(path=str(tmp_path), statuses="200") == []
    assert rows_of(path=str(tmp_path), max_record_mb=1)[0]["error"] == "oversized_record"


def test_what_is_wrong_is_said(crawl: Path):
    with pytest.raises(RecipeError, match="expected files at"):
        rows_of(path=f"{crawl}/*.no")
    with pytest.raises(RecipeError, match="penstock_archive: expected the options"):
        ArchiveSource({"path": "x", "splitt_mb": "1"}).reader(None)


def test_a_server_that_cuts_gives_the_same_rows_and_one_that_changes_the_file_none(
    crawl: Path, monkeypatch: pytest.MonkeyPatch
):
    content = (crawl / "a.warc.gz").read_bytes()
    small = functools.partialmethod(RangeReader.__init__, block_bytes=len(content) // 5)
    monkeypatch.setattr(RangeReader, "__init__", small)
    whole = [{**row, "file": ""} for row in rows_of(path=str(crawl / "a.warc.gz"))]
    with served(content) as site:
        site.cuts = 2
        assert [{**row, "file": ""} for row in rows_of(path=site.url)] == whole
        assert (site.cuts, site.gets) == (0, 8)
    with served(content) as site, pytest.raises(ChangedError, match="nothing of it was used"):
        site.changes_at = 4
        rows_of(path=site.url)


def test_a_connection_comes_from_the_environment_and_no_option_shows_it(
    crawl: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(RecipeError, match="the connection my_store in AIRFLOW_CONN_MY_STORE"):
        rows_of(path=str(crawl), connection="my_store")
    monkeypatch.setenv("AIRFLOW_CONN_MY_STORE", 'fs://:hunter2@/?options={"auto_mkdir": false}')
    reader = ArchiveReader(ArchiveOptions(path=str(crawl), connection="my_store"))
    assert "hunter2" not in repr(reader.options)
    assert len(rows_of(path=str(crawl), connection="my_store")) == 401


def test_spark_reads_it(spark, crawl: Path):
    spark.dataSource.register(ArchiveSource)
    frame = spark.read.format("penstock_archive").option("split_mb", 1).load(str(crawl))
    rows = frame.selectExpr(
        "file", "url", "crawled_at", "length(payload) AS bytes", "error", "digest"
    ).collect()
    assert len(rows) == 401
    assert {row.digest for row in rows if row.error is None} == {"ok", "missing"}
    assert sum(row.error is not None for row in rows) == 1
    assert {row.crawled_at.day for row in rows if row.crawled_at} == {16}
