"""The ``ingest`` section of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from penstock.ingest.feed import Feed
from penstock.ingest.source import Source
from penstock.params import one_of
from penstock.section import StageSection

if TYPE_CHECKING:
    type_of_source = Source
    type_of_feed = Feed
else:
    type_of_source = one_of(Source, package="penstock.ingest", group="penstock.sources")
    type_of_feed = one_of(Feed, package="penstock.ingest", group="penstock.feeds")


class IngestSection(StageSection):
    """Where a dataset's bytes come from, and what is one record of them.

    ``records``: ``lines`` ends a record at each line feed, ``csv`` at each line feed outside of double quotes, and
    with ``file`` the whole file is one; with ``archive`` the files are WARC or WET (plain, gzip or zstd; give the
    source ``compression: none``) and their records are counted. With ``header`` a file's first line is no record; it
    is kept in each day's file. ``feed`` picks the records of a day; without one, all that the source offers for the
    day belongs to it. A day without any record is published empty, with a note, or fails. ``max_record_mb``
    (megabytes) bounds the memory
    that one record may take.
    """

    source: type_of_source
    feed: type_of_feed | None = None
    records: Literal["lines", "csv", "file", "archive"] = "lines"
    header: bool = False
    empty: Literal["publish", "fail"] = "publish"
    max_record_mb: int = Field(default=256, ge=1, le=1024)

    @model_validator(mode="after")
    def _check_records(self) -> Self:
        if self.records in ("file", "archive") and (self.header or self.feed is not None):
            clash = "header" if self.header else "feed"
            message = (
                f"records: {self.records} takes files whole, so that {clash} has no meaning; "
                f"use records: lines, or leave {clash} out"
            )
            raise ValueError(message)
        return self
