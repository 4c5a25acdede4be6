"""Why rows left: counts, values, limits and examples, table by table."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from tests.include.report.conftest import HOSTILE

from penstock.recipe import Recipe
from penstock.report.duplicates import Groups
from penstock.report.reasons import Reasons, example_of


def left(*rows: tuple[str, str | None, str | None, float | None, str | None]) -> pa.Table:
    columns = ("text", "drop_step", "drop_reason", "drop_value", "drop_detail")
    values = {name: [row[n] for row in rows] for n, name in enumerate(columns)}
    types = {"drop_value": pa.float64()}
    arrays = {name: pa.array(v, types.get(name, pa.string())) for name, v in values.items()}
    return pa.table({"doc_id": [f"{n:032x}" for n in range(len(rows))], **arrays})


def test_counts_and_orders_by_the_steps_of_the_recipe(recipe_of: Callable[..., Recipe]):
    reasons = Reasons(text_column="text", examples=1)
    reasons.add(left(("a", "language", "unsure", 0.1, "fr"), ("b", "length", "too_short", 2.0, None)))
    reasons.add(left(("c", "length", "too_short", float("nan"), None), ("d", None, None, None, None)))
    first, second = reasons.found(recipe_of(), rows_in=10)
    assert (first.step, first.rows, first.share, first.values) == ("length", 2, 0.2, (2.0,))
    assert first.limit is not None
    assert (first.limit.name, first.limit.value) == ("length.min_chars", 5)
    assert (second.reason, len(second.examples), second.examples[0].detail) == ("unsure", 1, "fr")


def test_values_are_not_in_the_json_but_their_spread_is(recipe_of: Callable[..., Recipe]):
    reasons = Reasons(text_column="text", examples=0)
    reasons.add(left(("b", "length", "too_short", 2.0, None)))
    dumped = reasons.found(recipe_of(), rows_in=1)[0].model_dump()
    assert "values" not in dumped
    assert dumped["spread"] == (2.0, 2.0, 2.0)


def test_no_row_is_no_reason(recipe_of: Callable[..., Recipe]):
    reasons = Reasons(text_column="text", examples=2)
    reasons.add(left())
    assert reasons.found(recipe_of(), rows_in=0) == ()
    assert reasons.found(None, rows_in=0) == ()


def test_an_example_without_text_shows_its_values():
    assert example_of({"doc_id": "1", "text": None, "n": 3}, "text").text == "n 3"
    assert example_of({"doc_id": None, "text": " "}, "text").text == ""


def test_hostile_text_is_an_example_like_any_other():
    assert all(
        len(example_of({"doc_id": t, "text": t, "drop_detail": t}, "text").doc_id) <= 41 for t in HOSTILE
    )


def test_duplicates_are_grouped_by_the_document_that_is_kept():
    groups = Groups()
    assert groups.found(rows_in=0) is None
    groups.add(
        left(
            ("a", "exact_duplicates", "exact_duplicate", None, "k1"),
            ("a", "exact_duplicates", "exact_duplicate", None, "k1"),
            ("a", "near_duplicates", "near_duplicate", 0.9, "k2"),
            ("a", "length", "too_short", 1.0, None),
            ("a", None, None, None, None),
        )
    )
    found = groups.found(rows_in=10)
    assert found is not None
    assert (found.rows, found.share, found.groups) == (3, 0.3, 2)
    assert found.by_reason == {"exact_duplicate": 2, "near_duplicate": 1}
    assert found.largest == (("k1", 2), ("k2", 1))
