"""Ask one kind what it finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from penstock.process.pii.layer import find_spans
from penstock.process.pii.mask_pii import MaskPii


@pytest.fixture
def finds() -> Callable[..., list[str]]:
    """Return the texts that some kinds find in a text."""

    def find(text: str, *kinds: object) -> list[str]:
        ((content, spans),) = find_spans([text], MaskPii(kinds=kinds or "all").kinds)
        return [content[span.start : span.end].decode() for span in spans]

    return find


@pytest.fixture
def values() -> Callable[..., list[tuple[str, str]]]:
    """Return kind and canonical value of what is found."""

    def find(text: str, *kinds: object) -> list[tuple[str, str]]:
        ((_, spans),) = find_spans([text], MaskPii(kinds=kinds or "all").kinds)
        return [(span.kind, span.value) for span in spans]

    return find
