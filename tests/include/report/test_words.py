"""Numbers as reports write them."""

from __future__ import annotations

import pytest

from penstock.report import words
from penstock.report.volume import Estimate


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (words.count(12345), "12,345"),
        (words.count(None), "–"),
        (words.short(999), "999"),
        (words.short(252_616), "253k"),
        (words.short(3.2e9), "3.2B"),
        (words.percent(1, 3), "33.3 %"),
        (words.percent(4, 10_000), "< 0.1 %"),
        (words.percent(6, 10_000), "0.1 %"),
        (words.percent(0, 0), "–"),
        (words.size(12_300_000), "12.3 MB"),
        (words.size(3), "3 bytes"),
        (words.number(0.12345), "0.1235"),
        (words.number(30.0), "30"),
        (words.number(None), "–"),
        (words.plural(1, "copy", "copies"), "1 copy"),
        (words.plural(2, "row"), "2 rows"),
        (words.estimate(Estimate(total=10, documents=3)), "10 (counted)"),
        (words.estimate(Estimate(total=10, plus_minus=2, documents=3)), "10 ± 2 (95 %, from 3 documents)"),
    ],
)
def test_writes(found: str, expected: str):
    assert found == expected
