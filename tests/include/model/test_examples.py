from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.errors import ContractError
from penstock.model.examples import NgramRows, bert_rows, language_rows
from penstock.model.spec import FeatureSpec

SPEC = FeatureSpec(buckets=8, bert_dimensions=2, languages=("en", "zh"))


def ngram_rows(indices: list[list[int] | None], values: list[list[float] | None]) -> NgramRows:
    return NgramRows.from_arrow(
        pa.array(indices, pa.list_(pa.int32())), pa.array(values, pa.list_(pa.float32())), SPEC
    )


def test_multiplies_as_a_dense_matrix_would_with_null_and_empty_rows_anywhere() -> None:
    rows = ngram_rows([None, [0, 3], [], [3, 3], None], [None, [1.0, 2.0], [], [0.5, 0.5], None])
    weights = np.arange(16, dtype=np.float32).reshape(8, 2)
    expected = [[0, 0], [12, 15], [0, 0], [6, 7], [0, 0]]
    assert rows.times(weights).tolist() == expected


def test_no_rows_give_no_rows() -> None:
    assert ngram_rows([], []).times(np.ones((8, 2), np.float32)).shape == (0, 2)


def test_rows_of_a_slice_are_its_own() -> None:
    indices = pa.array([[1], [2], [3]], pa.list_(pa.int32())).slice(1, 1)
    values = pa.array([[1.0], [1.0], [1.0]], pa.list_(pa.float32())).slice(1, 1)
    weights = np.arange(8, dtype=np.float32)[:, None]
    assert NgramRows.from_arrow(indices, values, SPEC).times(weights).tolist() == [[2.0]]


@pytest.mark.parametrize("index", [-1, 8])
def test_refuses_an_index_outside_of_the_hashed_space(index: int) -> None:
    with pytest.raises(ContractError, match="expected indices from 0 to 7, got 1 outside"):
        ngram_rows([[index]], [[1.0]])


def test_refuses_rows_with_more_values_than_indices() -> None:
    with pytest.raises(ContractError, match="as many values as indices"):
        ngram_rows([[1]], [[1.0, 2.0]])


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.list_(pa.float64()), pa.list_(pa.float32(), 2)])
def test_a_missing_sentence_vector_is_all_zeros(kind: pa.DataType) -> None:
    assert bert_rows(pa.array([None, [1, 2], None], kind), SPEC).tolist() == [[0, 0], [1, 2], [0, 0]]


def test_refuses_a_sentence_vector_of_another_length() -> None:
    with pytest.raises(ContractError, match="expected vectors of 2 numbers or null, got 1 rows"):
        bert_rows(pa.array([[1.0, 2.0], [1.0]], pa.list_(pa.float32())), SPEC)


def test_a_model_without_sentence_vectors_reads_none() -> None:
    spec = SPEC.model_copy(update={"bert_dimensions": 0})
    assert bert_rows(pa.array([[1.0]], pa.list_(pa.float32())), spec).shape == (1, 0)


def test_unknown_and_missing_languages_have_no_flag() -> None:
    assert language_rows(pa.array(["zh", None, "fr", "en"]), SPEC).tolist() == [
        [0, 1],
        [0, 0],
        [0, 0],
        [1, 0],
    ]
