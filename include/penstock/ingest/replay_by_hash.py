"""A feed that replays a static archive: a stable hash gives each record its day of the cycle."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import Field

from penstock.days import parse_run_key
from penstock.ingest.feed import Feed


class ReplayByHash(Feed):
    """Cut an archive into ``cycle_days`` slices by the hash of each record.

    A day has the records with ``hash % cycle_days == day.toordinal() % cycle_days``: every date has a slice, the same
    one for ever, and any ``cycle_days`` successive days are the whole archive, each record once. ``key`` is the field
    (from 0, parted by ``delimiter``) that is hashed; by default it is the whole record without its line end.
    """

    kind: Literal["replay_by_hash"] = "replay_by_hash"
    cycle_days: int = Field(default=7, ge=1, le=3660)
    key: int | None = Field(default=None, ge=0)
    delimiter: str = Field(default="\t", min_length=1)

    def belongs(self, record: bytes, header: bytes | None, run_key: str) -> bool:
        """Return whether the slice of ``run_key`` holds ``record``."""
        return self.slice_of(record) == parse_run_key(run_key).toordinal() % self.cycle_days

    def slice_of(self, record: bytes) -> int:
        """Return the number of the slice that holds ``record``; one without the key field is hashed whole."""
        content = record.rstrip(b"\r\n")
        if self.key is not None:
            fields = content.split(self.delimiter.encode(), self.key + 1)
            content = fields[self.key] if len(fields) > self.key else content
        digest = hashlib.blake2b(content, digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.cycle_days
