from __future__ import annotations

import hashlib

import numpy as np
import pytest

from penstock.errors import CorruptionError
from penstock.index import segment as module
from penstock.index.segment import Part, Segment, segment_files, sorted_keys
from penstock.lake import Lake
from support.near_duplicates import documents_of, real_documents

DAY = "2026-11-16"


@pytest.fixture(params=["local", "remote"])
def lake(request, tmp_path):
    """A local lake, and one without files that can be mapped."""
    made = Lake(f"file://{tmp_path}/lake" if request.param == "local" else f"memory://{tmp_path.name}")
    yield made
    if request.param == "remote":
        made.remove("")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of a few keys and records, so that a small segment has many of them."""
    monkeypatch.setattr(module, "BLOCK_KEYS", 8)
    monkeypatch.setattr(module, "BLOCK_RECORDS", 7)


def written(lake, documents, folder="index/x"):
    for file in segment_files(documents):
        lake.write_atomically(f"{folder}/{file.name}", file.pieces())
    part = Part(DAY, "digest", 0, len(documents))
    return Segment(lake, folder, [part]), part


def test_finds_what_dictionaries_find(lake):
    documents = documents_of(real_documents(60, words=30))
    segment, part = written(lake, documents)
    draw = np.random.default_rng(2)
    there = draw.choice(documents.keys.reshape(-1), 40)
    needles = np.unique(np.concatenate([there, draw.integers(0, 1 << 64, 200, dtype=np.uint64)]))
    which, rows = segment.find(needles, 100, [part])
    found = {(int(needles[w]), int(r)) for w, r in zip(which, rows, strict=True)}
    expected = {
        (int(key), row)
        for row, keys in enumerate(documents.keys)
        for key in keys
        if key in set(needles.tolist())
    }
    assert found == expected
    assert len(expected) >= 30


def test_equal_keys_over_many_blocks_give_the_oldest(lake):
    one = documents_of(real_documents(1, words=30))
    documents = one.take(np.zeros(50, dtype=np.int64))
    segment, part = written(lake, documents)
    needles = np.unique(one.keys)
    which, rows = segment.find(needles, 3, [part])
    assert len(needles) == 16
    assert rows.tolist() == [0, 1, 2] * 16
    assert which.tolist() == [n for n in range(16) for _ in range(3)]


def test_days_that_are_not_wanted_do_not_use_up_the_limit(lake):
    one = documents_of(real_documents(1, words=30))
    segment, _ = written(lake, one.take(np.zeros(50, dtype=np.int64)))
    wanted = [Part("b", "", 20, 22), Part("c", "", 40, 50)]
    _, rows = segment.find(np.unique(one.keys)[:1], 4, wanted)
    assert rows.tolist() == [20, 21, 40, 41]


def test_documents_come_back_as_they_went_in(lake):
    documents = documents_of(real_documents(20, words=30))
    segment, part = written(lake, documents)
    found = segment.documents(part, 16)
    assert found.ids == documents.ids
    assert sorted(map(sorted, found.keys.tolist())) == sorted(map(sorted, documents.keys.tolist()))
    assert (found.evidence == documents.evidence).all()
    assert segment.ids(part) == documents.ids
    assert contents(segment_files(found)) == contents(segment_files(documents)) == contents(segment.files())


def contents(files):
    assert {file.name: file.size for file in files} == {f.name: len(b"".join(f.pieces())) for f in files}
    assert all(file.sha256() == hashlib.sha256(b"".join(file.pieces())).digest() for file in files)
    return {file.name: b"".join(file.pieces()) for file in files}


def test_a_document_is_found_by_its_id(lake):
    documents = documents_of(real_documents(9, words=30))
    segment, part = written(lake, documents)
    assert [segment.row_of(part, doc_id) for doc_id in documents.ids] == list(range(9))
    assert segment.row_of(part, "nobody") is None


def test_an_empty_segment_finds_nothing(lake):
    documents = documents_of(real_documents(1, words=30)).take(np.empty(0, dtype=np.int64))
    segment, part = written(lake, documents)
    which, rows = segment.find(np.array([1, 2], dtype=np.uint64), 4, [part])
    assert (len(which), len(rows), len(segment.documents(part, 16))) == (0, 0, 0)


def test_a_file_that_is_gone_is_said_to_be_gone(lake):
    segment = Segment(lake, "index/nowhere", [])
    with pytest.raises(CorruptionError, match="index rebuild"):
        segment.find(np.array([1], dtype=np.uint64), 4, [])


def test_keys_are_sorted_with_the_oldest_first():
    keys, rows = sorted_keys(np.array([[5, 1], [5, 0], [1, 5]], dtype=np.uint64))
    assert keys.tolist() == [0, 1, 1, 5, 5, 5]
    assert rows.tolist() == [1, 0, 2, 0, 1, 2]
