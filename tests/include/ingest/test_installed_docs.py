"""The documentation of what is installed, as an archive."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest

from penstock.archive.frames import read_frames
from penstock.archive.rows import RowRules, row_of
from penstock.ingest.installed_docs import InstalledDocsSource, write_archive

MAX = 1 << 24
FIRST = date(2026, 11, 16)


def urls_of(source: InstalledDocsSource, day: date) -> list[str]:
    (item,) = source.items(day.isoformat(), None)
    with item.open() as stream:
        frames = list(read_frames(stream, max_bytes=MAX))
    assert all(frame.bad == "" for frame in frames)
    assert len(frames) == item.provenance["files"]
    return [frame.headers["warc-target-uri"] for frame in frames]


def test_any_cycle_of_days_is_every_file_once():
    source = InstalledDocsSource(cycle_days=2, files=("*.dist-info/licenses/*",))
    days = [urls_of(source, FIRST + timedelta(n)) for n in range(3)]
    assert days[0] == days[2]
    assert not set(days[0]) & set(days[1])
    (whole,) = InstalledDocsSource(cycle_days=1, files=source.files).items(FIRST.isoformat(), None)
    assert whole.provenance["files"] == len(days[0]) + len(days[1])
    assert any("#pydantic-" in url for day in days for url in day)


def test_a_day_without_files_has_no_archive():
    assert list(InstalledDocsSource(files=("no-such-file",)).items(FIRST.isoformat(), None)) == []


def test_the_same_day_gives_the_same_bytes():
    source = InstalledDocsSource(cycle_days=3, files=("*.md",))
    contents = []
    for _ in range(2):
        (item,) = source.items(FIRST.isoformat(), None)
        with item.open() as stream:
            contents.append(stream.read())
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("README.md", "text/plain"), ("index.HTML", "text/html"), ("LICENSE", "text/plain")],
)
def test_a_file_becomes_a_record(name, media_type):
    stream = io.BytesIO()
    write_archive(stream, iter([(f"pkg:pypi/a@1#{name}", b"hello")]), run_key="2026-11-16")
    stream.seek(0)
    (frame,) = read_frames(stream, max_bytes=MAX)
    row = row_of(frame, RowRules(), max_bytes=MAX)
    assert (row.payload, row.content_type, row.digest) == (b"hello", media_type, "ok")
    assert row.crawled_at is not None
    assert row.crawled_at.date() == FIRST
