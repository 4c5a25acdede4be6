"""Training: multinomial logistic regression on hashed n-grams, the sentence vector and the language.

Same examples in the same order give the same weights, bit for bit on one machine: the solver (L-BFGS) draws no random
numbers and runs on one thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from penstock.errors import ContractError
from penstock.model.examples import NgramRows, bert_rows, language_rows
from penstock.model.spec import FeatureSpec

if TYPE_CHECKING:
    import pyarrow as pa

_TOLERANCE = 1e-3
_MAX_ITERATIONS = 500


def design_matrix(examples: pa.Table, spec: FeatureSpec) -> Any:
    """Return the features as a scipy CSR matrix: n-gram buckets, then the scaled vector, then language flags.

    Columns: reads ``ngram_indices``, ``ngram_values``, ``bert``, ``lang``.
    """
    from scipy import sparse  # type: ignore[import-untyped]

    columns = arrays_of(examples)
    rows = NgramRows.from_arrow(columns["ngram_indices"], columns["ngram_values"], spec)
    shape = (len(examples), spec.buckets)
    parts = [
        sparse.csr_matrix((rows.values, rows.indices, rows.offsets), shape=shape),
        sparse.csr_matrix(bert_rows(columns["bert"], spec) * np.float32(spec.bert_scale)),
        sparse.csr_matrix(language_rows(columns["lang"], spec)),
    ]
    return sparse.hstack(parts, format="csr")


def arrays_of(examples: pa.Table) -> dict[str, pa.Array]:
    """Return the feature columns, each as one array."""
    names = ("ngram_indices", "ngram_values", "bert", "lang")
    return {name: examples.column(name).combine_chunks() for name in names}


def fit(matrix: Any, labels: list[str], *, regularisation: float) -> tuple[tuple[str, ...], Any]:
    """Return the classes (sorted) and the weights, features x classes, float32.

    ``regularisation`` is scikit-learn's ``C``: smaller is stricter.

    Raises:
        ContractError: when there are fewer than two classes to tell apart.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    classes = sorted(set(labels))
    if len(classes) < 2:
        message = (
            f"training: expected examples of two classes or more, got {len(labels)} of {classes}; "
            "publish more labelled days first, or widen window_days"
        )
        raise ContractError(message, failed={"classes": len(classes)})
    solver = LogisticRegression(
        C=regularisation, tol=_TOLERANCE, max_iter=_MAX_ITERATIONS, fit_intercept=False
    )
    with threadpool_limits(limits=1):
        solver.fit(matrix, np.asarray(labels))
    weights = solver.coef_
    if len(classes) == 2:  # scikit-learn keeps one row for two classes
        weights = np.vstack([-weights[0] / 2, weights[0] / 2])
    return tuple(classes), weights.T.astype(np.float32)
