from __future__ import annotations

import numpy as np

from penstock.index.documents import empty
from support.near_duplicates import documents_of, real_documents


def test_take_keeps_ids_keys_and_evidence_together():
    found = documents_of(real_documents(6, words=30))
    some = found.take(np.array([4, 1]))
    assert some.ids == [found.ids[4], found.ids[1]]
    assert (some.keys == found.keys[[4, 1]]).all()
    assert (some.evidence[: some.offsets[1]] == found.evidence[found.offsets[4] : found.offsets[5]]).all()
    assert len(found.take(np.empty(0, dtype=np.int64))) == len(empty(16)) == 0
