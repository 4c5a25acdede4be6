"""The column of shingle hashes, made where Spark's Python runs. Imports pyarrow: import it where it is used."""

# No "from __future__ import annotations" here: Spark reads the types of the function below.

import pyarrow as pa  # noqa: TID253

from penstock.index.shingles import pack_evidence


def pack(texts: pa.Array, sketches: pa.Array) -> pa.Array:
    """Return the evidence of each text (`pack_evidence`); ``sketches`` is the same number for each."""
    sketch = sketches[0].as_py() if len(sketches) else 0
    return pa.array(pack_evidence(texts.to_pylist(), sketch), type=pa.binary())
