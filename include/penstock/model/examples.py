"""Examples: labelled rows with their features, as arrays.

Columns of the Arrow table: ``doc_id``, ``source``, ``lang``, ``text``, ``label`` (strings), ``ngram_indices``
(list of int), ``ngram_values`` (list of float), ``bert`` (list of float or null).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from penstock.errors import ContractError
from penstock.model.spec import FeatureSpec

if TYPE_CHECKING:
    import pyarrow as pa

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

COLUMNS = ("doc_id", "source", "lang", "text", "label", "ngram_indices", "ngram_values", "bert")


class NgramRows:
    """Sparse rows: the entries of row ``i`` are ``offsets[i]`` to ``offsets[i + 1]`` of ``indices`` and ``values``."""

    def __init__(self, offsets: IntArray, indices: IntArray, values: FloatArray) -> None:
        self.offsets, self.indices, self.values = offsets, indices, values

    @classmethod
    def from_arrow(cls, indices: pa.Array, values: pa.Array, spec: FeatureSpec) -> NgramRows:
        """Read two list columns; a null row has no n-grams.

        Raises:
            ContractError: when the two columns differ in length, or an index is outside of the hashed space.
        """
        offsets, flat_indices = _flatten(indices, np.dtype(np.int64))
        value_offsets, flat_values = _flatten(values, np.dtype(np.float32))
        if not np.array_equal(offsets, value_offsets):
            message = (
                f"n-grams: expected as many values as indices in each row, got {flat_values.size} values for "
                f"{flat_indices.size} indices; run the step hashed_ngrams again"
            )
            raise ContractError(message)
        outside = int(np.count_nonzero((flat_indices < 0) | (flat_indices >= spec.buckets)))
        if outside:
            message = (
                f"n-grams: expected indices from 0 to {spec.buckets - 1}, got {outside} outside (greatest "
                f"{flat_indices.max()}); give hashed_ngrams and the model the same number of buckets"
            )
            raise ContractError(message, failed={"index_outside": outside})
        return cls(offsets, flat_indices, flat_values)

    def times(self, weights: FloatArray) -> FloatArray:
        """Return rows x ``weights`` (buckets x classes)."""
        product = np.zeros((self.offsets.size - 1, weights.shape[1]), dtype=np.float32)
        filled = np.flatnonzero(np.diff(self.offsets))
        if filled.size:
            entries = weights[self.indices] * self.values[:, None]
            product[filled] = np.add.reduceat(entries, self.offsets[filled], axis=0)
        return product


def bert_rows(column: pa.Array, spec: FeatureSpec) -> FloatArray:
    """Return the sentence vectors, rows x dimensions; a null row is all zeros.

    Raises:
        ContractError: when a vector has another length than the model's.
    """
    import pyarrow.compute as pc

    rows = np.zeros((len(column), spec.bert_dimensions), dtype=np.float32)
    if not spec.bert_dimensions:
        return rows
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    wrong = int(np.count_nonzero((lengths != 0) & (lengths != spec.bert_dimensions)))
    if wrong:
        message = (
            f"bert: expected vectors of {spec.bert_dimensions} numbers or null, got {wrong} rows of another length "
            f"(greatest {lengths.max()}); train the model on the features that this run makes"
        )
        raise ContractError(message, failed={"bert_length": wrong})
    flat = pc.list_flatten(column).to_numpy(zero_copy_only=False)
    rows[lengths != 0] = flat.astype(np.float32, copy=False).reshape(-1, spec.bert_dimensions)
    return np.nan_to_num(rows, copy=False)


def language_rows(column: pa.Array, spec: FeatureSpec) -> FloatArray:
    """Return one column of 0 and 1 a language of ``spec``; other languages and null are all zeros."""
    langs = np.asarray(column.to_pylist(), dtype=object)
    flags = [langs == language for language in spec.languages]
    return np.stack(flags, axis=1).astype(np.float32) if flags else np.zeros((len(column), 0), np.float32)


def _flatten(column: pa.Array, dtype: np.dtype[Any]) -> tuple[IntArray, npt.NDArray[Any]]:
    import pyarrow.compute as pc

    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return offsets, pc.list_flatten(column).to_numpy(zero_copy_only=False).astype(dtype)
