"""Feeds: which records of a source belong to a day.

A source that is already by day needs none. A static archive is *replayed*: each record has one fixed day.
"""

from __future__ import annotations

from penstock.params import Params


class NoDayError(Exception):
    """One record that belongs to no day at all: it is left out of every day, and counted."""


class Feed(Params):
    """Base of all feeds; a member has a ``kind`` and `belongs`."""

    def belongs(self, record: bytes, header: bytes | None, run_key: str) -> bool:
        """Return whether ``record`` (one line, as it came) is of the day ``run_key``.

        ``header`` is the file's first line when the recipe says ``ingest.header: true``.

        Raises:
            NoDayError: it is of no day, and the feed is told to leave such records out.
            ContractError: it is of no day.
        """
        raise NotImplementedError
