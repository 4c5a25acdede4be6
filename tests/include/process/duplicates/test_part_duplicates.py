from __future__ import annotations

import pytest

from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates.part_duplicates import PartDuplicates
from penstock.process.step import FrameContext

NAV, A, B = (
    "Home | About | Contact us today",
    "The first story of the day is long.",
    "The second one is as long as that.",
)


def run(spark, context, lake, rows, **options):
    attempt = lake.attempt(Zone.CLEAN, "notes", context.run_key, f"a{len(rows)}{options.get('unit')}")
    frame = audit.with_audit(spark.createDataFrame(rows, "doc_id string, text string"))
    done = PartDuplicates(**options).transform(frame, FrameContext(run=context, attempt=attempt))
    assert set(done.columns) == {*frame.columns, "duplicate_parts"}
    found = done.collect()
    assert len(found) == len(rows)
    return {row.doc_id: row for row in found}


def test_the_first_occurrence_stays_and_an_emptied_text_leaves(spark, context, lake):
    rows = [
        ("c", f"{NAV}\n{B}\nok\n"), ("a", f"{NAV}\n{A}\nok\n{A}"), ("b", f"{A.upper()}\n{NAV}"), ("d", None), ("e", ""),
    ]  # fmt: skip
    found = run(spark, context, lake, rows)
    assert found["a"].text == f"{NAV}\n{A}\nok"
    assert found["c"].text == f"{B}\nok"
    assert (found["b"].drop_reason, found["b"].drop_value, found["b"].text) == (
        "only_duplicate_parts",
        2.0,
        rows[2][1],
    )
    assert {i: row.duplicate_parts for i, row in found.items()} == {"a": 1, "b": 2, "c": 1, "d": 0, "e": 0}
    assert (found["d"].text, found["e"].text) == (None, "")


@pytest.mark.parametrize(
    ("unit", "texts", "expected"),
    [
        ("paragraph", [f"{A}\n{B}\n\n{NAV}", f"{NAV}\n\n{B}"], [f"{A}\n{B}\n\n{NAV}", B]),
        ("sentence", [f"{A} {B}", f"{NAV}. {A}"], [f"{A} {B}", f"{NAV}."]),
    ],
)
def test_paragraphs_and_sentences(spark, context, lake, unit, texts, expected):
    found = run(spark, context, lake, list(zip("ab", texts, strict=True)), unit=unit)
    assert [found[i].text for i in "ab"] == expected
