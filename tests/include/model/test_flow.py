from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from penstock.errors import ContractError
from penstock.model import flow
from penstock.model.flow import TrainingRun, assign, run_training
from penstock.model.spec import TrainingParams
from penstock.model.split import text_key

Rows = list[dict[str, object]]
AsTable = Callable[[Sequence[dict[str, object]]], pa.Table]
MakeRow = Callable[..., dict[str, object]]


def test_learns_what_there_is_to_learn(trained: TrainingRun) -> None:
    metrics = trained.classifier.card.metrics
    assert metrics.held_back.accuracy > 0.9 > metrics.held_back.majority
    assert metrics.train_rows + metrics.held_back.rows == 300


def test_every_row_is_accounted_for_once(
    examples: Rows, as_table: AsTable, params: TrainingParams, make_row: MakeRow
) -> None:
    odd = [
        make_row("x1", None, "positive"),
        make_row("x2", "  ", "positive"),
        make_row("x3", "no label at all", None),
        make_row("x4", "bon film", "positive", "fr"),
        make_row("x5", "who knows", "positive", None),
        make_row("x6", str(examples[0]["text"]).upper(), "positive"),
    ]
    run = run_training(as_table(examples + odd), params)
    counts = Counter(run.reasons)
    assert sum(counts.values()) == len(examples) + len(odd)
    assert counts[None] == len(run.evaluation)
    assert counts[flow.USED_FOR_TRAINING] == run.classifier.card.metrics.train_rows
    assert (counts[flow.NO_TEXT], counts[flow.NO_LABEL], counts[flow.LANGUAGE_NOT_MODELLED]) == (2, 1, 2)
    assert counts[flow.DUPLICATE_TEXT] == 1


def test_no_text_that_is_held_back_is_trained_on(
    examples: Rows, as_table: AsTable, params: TrainingParams
) -> None:
    copies = [
        {**row, "doc_id": f"copy{n}", "text": f"  {str(row['text']).upper()}!!", "day": f"2026-11-1{n % 5}"}
        for n, row in enumerate(examples)
    ]
    rows = examples + copies
    reasons = assign(as_table(rows), params)
    sides: dict[str, set[str | None]] = {}
    for row, reason in zip(rows, reasons, strict=True):
        if reason != flow.DUPLICATE_TEXT:
            sides.setdefault(text_key(str(row["text"])), set()).add(reason)
    assert all(len(found) == 1 for found in sides.values())
    assert {next(iter(found)) for found in sides.values()} == {flow.HELD_BACK, flow.USED_FOR_TRAINING}
    assert reasons.count(flow.DUPLICATE_TEXT) == len(examples)


def test_a_held_back_label_has_no_say_in_the_weights(
    examples: Rows, as_table: AsTable, params: TrainingParams
) -> None:
    flipped = {"positive": "negative", "negative": "positive", "neutral": "positive"}
    sides = assign(as_table(examples), params)
    lied = [
        {**row, "label": flipped[str(row["label"])]} if side is flow.HELD_BACK else row
        for row, side in zip(examples, sides, strict=True)
    ]
    one, other = run_training(as_table(examples), params), run_training(as_table(lied), params)
    assert (one.classifier.ngrams == other.classifier.ngrams).all()
    assert one.classifier.card.majority_class == other.classifier.card.majority_class
    assert other.classifier.card.metrics.held_back.accuracy < 0.1


def test_the_newest_day_speaks_for_a_text_then_the_least_doc_id(
    as_table: AsTable, params: TrainingParams, make_row: MakeRow
) -> None:
    rows = [
        make_row("b", "same text", "positive", day="2026-11-10"),
        make_row("c", "same text", "negative", day="2026-11-12"),
        make_row("a", "same text", "negative", day="2026-11-12"),
        make_row("z", "same text", None, day="2026-11-13"),
    ]
    reasons = assign(as_table(rows), params)
    assert [reasons[0], reasons[1], reasons[3]] == [flow.DUPLICATE_TEXT, flow.DUPLICATE_TEXT, flow.NO_LABEL]
    assert reasons[2] in {flow.HELD_BACK, flow.USED_FOR_TRAINING}


def test_the_order_of_rows_changes_nothing(
    examples: Rows, as_table: AsTable, params: TrainingParams, trained: TrainingRun
) -> None:
    shuffled = random.Random(3).sample(examples, len(examples))
    run = run_training(as_table(shuffled), params)
    assert run.classifier.to_bytes() == trained.classifier.to_bytes()
    assert run.evaluation.equals(trained.evaluation)


def test_rows_beyond_the_bound_are_left_out_and_counted(
    examples: Rows, as_table: AsTable, params: TrainingParams
) -> None:
    reasons = assign(as_table(examples), params.model_copy(update={"max_examples": 100}))
    assert reasons.count(flow.BEYOND_LIMIT) == 200


def test_refuses_to_train_without_a_held_back_row(
    as_table: AsTable, params: TrainingParams, make_row: MakeRow
) -> None:
    texts = [text for text in (f"text {n}" for n in range(50)) if not flow.is_held_back(text_key(text), 0.2)]
    rows = [make_row(f"d{n}", text, ("positive", "negative")[n % 2]) for n, text in enumerate(texts)]
    with pytest.raises(
        ContractError, match=f"expected rows that are held back, got none of {len(texts)} rows"
    ):
        run_training(as_table(rows), params)


def test_refuses_to_train_on_nothing(as_table: AsTable, params: TrainingParams) -> None:
    with pytest.raises(ContractError, match="got none of 0 rows"):
        run_training(as_table([]), params)
