from __future__ import annotations

import pyarrow as pa

from penstock.index.evidence_column import pack
from penstock.index.shingles import pack_evidence


def test_the_column_is_the_packed_evidence():
    texts = ["one two three four five six", None, ""]
    found = pack(pa.array(texts, type=pa.string()), pa.array([16] * 3))
    assert found.to_pylist() == pack_evidence(texts, 16)
    assert found.type == pa.binary()


def test_no_rows():
    assert pack(pa.array([], type=pa.string()), pa.array([], type=pa.int32())).to_pylist() == []
