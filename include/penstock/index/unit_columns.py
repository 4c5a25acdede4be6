"""Columns of the parts of texts, made where Spark's Python runs. Imports pyarrow: import it where it is used."""

# No "from __future__ import annotations" here: Spark reads the types of the functions below.

from collections.abc import Callable

import numpy as np
import pyarrow as pa  # noqa: TID253

from penstock.index.units import keys_of, without


def keyer(unit: str, min_chars: int) -> Callable[[pa.Array], pa.Array]:
    """Return the function that makes the hashes of the parts of each text (`penstock.index.units.keys_of`)."""

    def keys(texts: pa.Array) -> pa.Array:
        return pa.array([keys_of(text, unit, min_chars) for text in texts.to_pylist()], type=pa.binary())

    return keys


def cutter(unit: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """Return the function that cuts parts at positions (32 bits each, null: none) out of each text."""

    def cut(texts: pa.Array, positions: pa.Array) -> pa.Array:
        pairs = zip(texts.to_pylist(), positions.to_pylist(), strict=True)
        done = [
            text
            if text is None or where is None
            else without(text, unit, np.frombuffer(where, dtype="<u4").tolist())
            for text, where in pairs
        ]
        return pa.array(done, type=pa.string())

    return cut
