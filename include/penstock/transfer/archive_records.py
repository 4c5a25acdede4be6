"""A decoder of crawl archives: a row for each record that holds a document."""

from __future__ import annotations

from typing import Literal

from penstock.archive.rows import RowRules
from penstock.errors import RecipeError
from penstock.transfer.column import Column
from penstock.transfer.decoder import Decode, Decoder


class ArchiveRecords(Decoder, RowRules):
    """Rows of WARC and WET records (with ``ingest.records: archive``); `penstock.archive.rows.RowRules` chooses them.

    Columns: `penstock.archive.rows.Row`. A record of a wrong digest is kept, with ``digest: wrong`` and a flag.
    """

    kind: Literal["archive"] = "archive"

    def fields(self) -> tuple[Column, ...]:
        """Return the columns."""
        return (
            Column(name="record_id"),
            Column(name="record_type"),
            Column(name="url"),
            Column(name="crawled_at", type="timestamp"),
            Column(name="content_type"),
            Column(name="status", type="long"),
            Column(name="charset"),
            Column(name="charset_source"),
            Column(name="robots"),
            Column(name="payload", type="binary"),
            Column(name="digest"),
            Column(name="flags"),
            Column(name="offset", type="long"),
            Column(name="inner_offset", type="long"),
        )

    def reader(self, header: str | None) -> Decode:
        """Refuse: the records of an archive are no lines.

        Raises:
            RecipeError: always; the recipe reads lines of what is an archive.
        """
        message = (
            "transfer: expected ingest.records: archive beside the decoder archive, got lines or files; "
            "write records: archive in the ingest section"
        )
        raise RecipeError(message)
