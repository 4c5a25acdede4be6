"""What texts are compared by: signature and evidence in one binary value, made where Spark's Python runs.

A value is the signature (little-endian 64-bit hashes) and after it the evidence (little-endian 32-bit numbers); null
where a text has too few words for a shingle. Imports pyarrow: import it where it is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa  # noqa: TID253
import pyarrow.compute as pc  # noqa: TID253

from penstock.index.documents import Documents, in_a_row
from penstock.index.scheme import Scheme

EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)


def sign(texts: pa.Array, scheme: Scheme) -> pa.Array:
    """Return the value of each text."""
    signatures, evidence, bounds = _compute(texts, scheme)
    return _values(signatures, signatures.view("<u4"), evidence, bounds)


def evidence_of(texts: pa.Array, scheme: Scheme) -> pa.Array:
    """Return the evidence of each text alone, for texts that have a signature already."""
    signatures, found, bounds = _compute(texts, scheme)
    return _values(signatures, np.empty((len(signatures), 0), dtype="<u4"), found, bounds)


def documents_of(ids: pa.ChunkedArray, values: pa.ChunkedArray, scheme: Scheme) -> Documents:
    """Return documents from their ids and values, without those whose signature is empty.

    Raises:
        ValueError: when a value is shorter than a signature.
    """
    array = values.cast(pa.large_binary()).combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of no chunk at all
        array = pa.array([], type=pa.large_binary())
    content, offsets = _buffers(array)
    lengths = np.diff(offsets)
    if len(lengths) and lengths.min() < scheme.signature_bytes:
        message = f"expected values of {scheme.signature_bytes} bytes or more, got one of {lengths.min()}"
        raise ValueError(message)
    words = content[offsets[0] : offsets[-1]].view("<u4")
    begins = (offsets - offsets[0]) // 4
    width = scheme.signature_bytes // 4
    places = begins[:-1, None] + np.arange(width)
    signatures = words[places].view("<u8").reshape(-1, scheme.bands * scheme.rows)
    is_evidence = np.ones(len(words), dtype=bool)
    is_evidence[places.reshape(-1)] = False
    evidence_ends = begins - np.arange(len(begins)) * width
    found = in_a_row(ids.to_pylist(), scheme.band_keys(signatures), words[is_evidence], evidence_ends)
    signed = np.flatnonzero(signatures[:, 0] != EMPTY)
    return found if len(signed) == len(found) else found.take(signed)


def _compute(texts: pa.Array, scheme: Scheme) -> tuple[Any, Any, Any]:
    from penstock.text.kernel.shingles import Signing, signatures_and_sketches

    data, offsets = _buffers(texts)
    count, sketch = scheme.bands * scheme.rows, scheme.sketch if scheme.verify == "shingles" else 0
    how = Signing(hashes=count, sketch=sketch)
    signatures, evidence, bounds = signatures_and_sketches(data, offsets[:-1], offsets[1:], how)
    if scheme.verify == "signature":
        evidence = signatures.reshape(-1).view(np.uint32)
        bounds = np.arange(len(signatures) + 1, dtype=np.int64) * 2 * count
    return signatures, evidence, bounds


def _values(signatures: Any, heads: Any, evidence: Any, bounds: Any) -> pa.Array:
    """Return binary values: a row of ``heads``, then its evidence; null where the signature is empty."""
    texts, width = heads.shape
    if not texts:
        return pa.array([], type=pa.binary())
    offsets = bounds + np.arange(texts + 1) * width
    words = np.empty(int(offsets[-1]), dtype="<u4")
    places = offsets[:-1, None] + np.arange(width)
    words[places] = heads
    is_evidence = np.ones(len(words), dtype=bool)
    is_evidence[places.reshape(-1)] = False
    words[is_evidence] = evidence[: bounds[-1]]
    buffers = [None, pa.py_buffer((offsets * 4).astype(np.int64)), pa.py_buffer(words)]
    values = pa.Array.from_buffers(pa.large_binary(), texts, buffers).cast(pa.binary())
    return pc.if_else(pa.array(signatures[:, 0] == EMPTY), pa.scalar(None, pa.binary()), values)


def _buffers(array: pa.Array) -> tuple[Any, Any]:
    """Return the bytes of text or binary values and where each begins; a null has none."""
    large = array.cast(pa.large_string() if pa.types.is_string(array.type) else array.type)
    large = large.cast(pa.large_binary())
    _, places, content = large.buffers()
    if places is None or len(large) == 0:
        return np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    offsets = np.frombuffer(places, dtype=np.int64)[large.offset : large.offset + len(large) + 1]
    data = np.frombuffer(content, dtype=np.uint8) if content is not None else np.empty(0, dtype=np.uint8)
    return data, offsets
