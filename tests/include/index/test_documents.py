from __future__ import annotations

import errno
from types import SimpleNamespace

import numpy as np
import pytest

from penstock.errors import StorageError
from penstock.index.documents import Spool, empty, gather
from support.near_duplicates import documents_of, real_documents


def test_take_keeps_ids_keys_and_evidence_together():
    found = documents_of(real_documents(6, words=30))
    some = found.take(np.array([4, 1]))
    assert some.ids == [found.ids[4], found.ids[1]]
    assert (some.keys == found.keys[[4, 1]]).all()
    assert some.evidence_of(0).tolist() == found.evidence_of(4).tolist()
    assert len(found.take(np.empty(0, dtype=np.int64))) == len(empty(16)) == 0


def test_parts_are_gathered_in_their_order_and_evidence_is_read_from_the_file():
    found = documents_of(real_documents(9, words=30))
    parts = [found.take(np.array([3, 1])), empty(16), found.take(np.array([8])), found.take(np.array([1, 0]))]
    together = gather(iter(parts), 16)
    assert together.ids == [found.ids[row] for row in (3, 1, 8, 1, 0)]
    assert (together.keys == found.keys[[3, 1, 8, 1, 0]]).all()
    for row, other in enumerate((3, 1, 8, 1, 0)):
        assert together.evidence_of(row).tolist() == found.evidence_of(other).tolist()
    assert isinstance(together.evidence, np.memmap)
    assert len(gather([], 16)) == 0
    assert gather([], 16).keys.shape == (0, 16)


def test_only_the_evidence_that_is_asked_for_is_copied():
    found = documents_of(real_documents(6, words=30))
    some = found.with_evidence_of(np.array([4, 1]))
    assert some.ids == found.ids
    sizes = [len(some.evidence_of(row)) for row in range(6)]
    assert sizes == [len(found.evidence_of(row)) if row in {1, 4} else 0 for row in range(6)]
    assert some.evidence_of(4).tolist() == found.evidence_of(4).tolist()
    assert len(some.evidence) == sum(sizes)


def test_a_full_disk_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch):
    spool = Spool()

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "_file", SimpleNamespace(write=full))
    with pytest.raises(StorageError, match="free space"):
        spool.add(np.zeros(3, dtype=np.uint32))
