"""The interface of a feed."""

from __future__ import annotations

import pytest

from penstock.ingest.feed import Feed


def test_a_feed_without_an_answer_says_so() -> None:
    with pytest.raises(NotImplementedError):
        Feed().belongs(b"record", None, "2026-11-16")
