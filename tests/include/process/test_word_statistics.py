from __future__ import annotations

import pytest

from penstock.process.word_statistics import WordStatistics


@pytest.mark.parametrize(
    ("lowercase", "text", "expected"),
    [
        (False, "b a c a", ("a", "c", 4)),
        (False, "apple Zebra", ("Zebra", "apple", 2)),
        (True, "apple Zebra", ("apple", "zebra", 2)),
        (False, "one", ("one", "one", 1)),
        (False, None, (None, None, 0)),
        (False, "\U0001f600 !", (None, None, 0)),
    ],
)
def test_least_greatest_and_number_of_words(apply_to, lowercase, text, expected):
    document, verdict = apply_to(WordStatistics(lowercase=lowercase), text)
    assert (document["min_word"], document["max_word"], document["word_count"]) == expected
    assert verdict is None
