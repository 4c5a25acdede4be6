from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest

from penstock.errors import ContractError
from penstock.model.spec import TrainingParams
from penstock.model.trainer import design_matrix, fit

Rows = list[dict[str, object]]
AsTable = Callable[[Sequence[dict[str, object]]], pa.Table]


def test_the_matrix_has_ngrams_then_the_scaled_vector_then_languages(
    examples: Rows, as_table: AsTable, params: TrainingParams
) -> None:
    spec = params.features
    matrix = design_matrix(as_table(examples[:5]), spec)
    assert matrix.shape == (5, spec.buckets + spec.bert_dimensions + 2)
    vectors = matrix[:, spec.buckets : spec.buckets + 4].toarray()
    assert vectors[0].tolist() == [2.0, 2.0, 2.0, 2.0]
    assert vectors[3].tolist() == [0.0] * 4
    assert matrix[:, -2:].toarray().tolist() == [[1, 0]] * 3 + [[0, 1]] * 2


def test_the_same_examples_give_the_same_weights_bit_for_bit(
    examples: Rows, as_table: AsTable, params: TrainingParams
) -> None:
    matrix = design_matrix(as_table(examples), params.features)
    labels = [str(row["label"]) for row in examples]
    one, other = (fit(matrix, labels, regularisation=2.0) for _ in range(2))
    assert one[0] == other[0] == ("negative", "neutral", "positive")
    assert np.array_equal(one[1], other[1])


def test_two_classes_give_two_columns_that_mirror_each_other(
    examples: Rows, as_table: AsTable, params: TrainingParams
) -> None:
    rows = [row for row in examples if row["label"] != "neutral"]
    classes, weights = fit(
        design_matrix(as_table(rows), params.features), [str(r["label"]) for r in rows], regularisation=2.0
    )
    assert classes == ("negative", "positive")
    assert np.array_equal(weights[:, 0], -weights[:, 1])


@pytest.mark.parametrize("labels", [[], ["positive"] * 3])
def test_refuses_examples_of_fewer_than_two_classes(
    labels: list[str], examples: Rows, as_table: AsTable, params: TrainingParams
) -> None:
    matrix = design_matrix(as_table(examples[: len(labels)]), params.features)
    with pytest.raises(ContractError, match="expected examples of two classes or more"):
        fit(matrix, labels, regularisation=2.0)
