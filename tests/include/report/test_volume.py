"""Words and tokens: exact where everything was counted, else with an interval that holds the truth."""

from __future__ import annotations

import random

import pyarrow as pa

from penstock.report.volume import count_tokens, count_words, estimate_volume, exact_volume, ratio_estimate


def volume(texts: list[str | None], documents: int, characters: int):
    table = pa.table({"text": pa.array(texts, pa.string())})
    return estimate_volume(
        table, text_column="text", documents=documents, text_bytes=1, characters=characters
    )


def test_counts_are_exact_when_every_text_was_seen():
    found = volume(["two words", "one", None, ""], 4, 12)
    assert (found.words.total, found.words.plus_minus) == (3, None)
    assert found.tokens.total == 3


def test_exact_on_request_counts_everything():
    tables = [
        pa.table({"text": ["two words"], "lang": ["en"]}),
        pa.table({"text": ["今天天气"], "lang": ["zh"]}),
    ]
    found = exact_volume(tables, text_column="text", documents=2, text_bytes=1, characters=13)
    assert (found.words.total, found.words.plus_minus, found.words.documents) == (3, None, 2)


def test_the_interval_holds_the_truth_about_95_times_of_100():
    rng, hits = random.Random(7), 0
    chars = [rng.randint(20, 400) for _ in range(3000)]
    counts = [max(1, round(c / rng.uniform(4, 7))) for c in chars]
    for _ in range(200):
        chosen = rng.sample(range(3000), 150)
        found = ratio_estimate([chars[i] for i in chosen], [counts[i] for i in chosen], 3000, sum(chars))
        assert found.plus_minus is not None
        hits += abs(found.total - sum(counts)) <= found.plus_minus
    assert hits >= 180


def test_nothing_and_one_text_are_no_division_by_zero():
    assert volume([], 0, 0).words.total == 0
    assert ratio_estimate([0], [0], 10, 100).plus_minus == 100
    assert ratio_estimate([10], [2], 10, 100).plus_minus == 20


def test_counts_words_by_language_and_tokens_without_end_marks():
    assert count_words(["don't stop", "今天天气"], ["en", "zh"]) == [2, 1]
    assert count_tokens(["hello world", ""], [None, None]) == [2, 0]
