from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from penstock.model.evaluation import evaluate, summarise
from penstock.model.flow import TrainingRun


def test_each_row_says_who_was_right(trained: TrainingRun) -> None:
    for row in trained.evaluation.to_pylist():
        assert row["is_correct"] == (row["predicted"] == row["label"])
        assert row["is_majority_correct"] == (row["majority"] == row["label"])
        if row["lang"] == "en":
            assert row["is_vader_correct"] == (row["vader"] == row["label"])
        else:
            assert (row["vader"], row["is_vader_correct"]) == (None, None)


def rows_of(*rows: tuple[str, str, bool, bool | None, bool]) -> pa.Table:
    names = ("lang", "source", "is_correct", "is_vader_correct", "is_majority_correct")
    types = [pa.string(), pa.string(), pa.bool_(), pa.bool_(), pa.bool_()]
    schema = pa.schema(list(zip(names, types, strict=True)))
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)


def test_counts_by_language_and_source() -> None:
    rows = rows_of(
        ("en", "tweets", True, True, False),
        ("en", "tweets", False, True, True),
        ("en", "films", True, False, False),
        ("zh", "shops", True, None, False),
    )
    metrics = summarise(rows, train_rows=10)
    assert (metrics.held_back.rows, metrics.held_back.accuracy, metrics.held_back.majority) == (4, 0.75, 0.25)
    assert metrics.held_back.vader == pytest.approx(2 / 3, abs=1e-4)
    assert metrics.by_language["zh"].vader is None
    assert metrics.by_source["tweets"].model_dump() == {
        "rows": 2,
        "accuracy": 0.5,
        "vader": 1.0,
        "majority": 0.5,
    }
    assert sorted(metrics.by_source) == ["films", "shops", "tweets"]


def test_no_rows_have_no_accuracy() -> None:
    metrics = summarise(rows_of(), train_rows=0)
    assert (metrics.held_back.rows, metrics.held_back.accuracy, metrics.by_language) == (0, 0.0, {})


def test_nothing_to_evaluate_is_an_empty_table(
    trained: TrainingRun, as_table: Callable[[list[object]], pa.Table]
) -> None:
    assert len(evaluate(trained.classifier, as_table([]))) == 0
