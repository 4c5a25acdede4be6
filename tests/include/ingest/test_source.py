"""The interface of a source, as an installed package would use it."""

from __future__ import annotations

import io
from contextlib import nullcontext

import pytest

from penstock.ingest.source import Item, Source
from penstock.lake import Lake


def test_a_source_without_items_says_so(lake: Lake) -> None:
    with pytest.raises(NotImplementedError):
        Source().items("2026-11-16", lake)


def test_items_do_not_share_their_provenance() -> None:
    first, second = (Item("a", "file:///a", lambda: nullcontext(io.BytesIO())) for _ in range(2))
    first.provenance["etag"] = "x"
    assert second.provenance == {}
