from __future__ import annotations

import random
import time

import numpy as np
import pytest

from penstock.index.catalog import DuplicateIndex, history_digest
from penstock.index.compare import find_clusters, similarity_of
from penstock.index.documents import empty, in_a_row
from penstock.index.scheme import Scheme
from support.near_duplicates import brute_force, documents_of, edited, jaccard, planted, real_documents

SCHEME = Scheme()


def test_pairs_are_those_of_brute_force_on_real_text():
    texts = planted(400)
    truth = brute_force(texts)
    found = find_clusters(documents_of(texts), SCHEME, 0.8)
    cluster = found.cluster
    assert len(truth) > 200
    assert sum(cluster[a] == cluster[b] for a, b in truth) >= 0.98 * len(truth)
    near = {n for pair in truth for n in pair}
    dropped = np.flatnonzero(cluster != np.arange(len(texts)))
    assert sum(n in near for n in dropped) >= 0.99 * len(dropped)


def test_similarities_are_those_of_the_texts():
    texts = planted(30)
    found = find_clusters(documents_of(texts), SCHEME, 0.8)
    sizes = np.bincount(found.cluster, minlength=len(texts))
    near = [row for row in range(len(texts)) if sizes[found.cluster[row]] > 1][:20]
    pairs = [(a, b) for a in near for b in near]
    assert len(near) >= 10
    expected = [jaccard(texts[a], texts[b]) for a, b in pairs]
    error = 4 * np.sqrt(
        0.25 / SCHEME.sketch
    )  # of long texts it is an estimate: four standard errors of a share
    assert similarity_of(found, pairs, SCHEME) == pytest.approx(expected, abs=error)


def test_the_order_of_partitions_does_not_matter():
    texts = planted(60)
    documents = documents_of(texts)
    first = find_clusters(documents, SCHEME, 0.8).cluster
    assert (find_clusters(documents_of(texts), SCHEME, 0.8).cluster == first).all()


def test_a_published_document_is_the_oldest_of_its_cluster(lake):
    texts = real_documents(40)
    draw = random.Random(1)
    copies = [edited(text, 1, draw) for text in texts]
    index = DuplicateIndex(lake, "notes")
    for n, key in enumerate(("2026-11-17", "2026-11-16")):
        part = documents_of(texts[20 * n : 20 * n + 20], first=100 * n)
        index.publish(key, part, SCHEME, source="", history=history_digest({}))
    history = index.segments(index.history(SCHEME, before="2026-11-18"))
    found = find_clusters(documents_of(copies, first=0), SCHEME, 0.8, history=history)
    kept = [found.history_ids[n] if n < found.history else None for n in found.cluster.tolist()]
    assert kept[:20] == [f"{n:032x}" for n in range(20)]
    assert kept[20:] == [f"{100 + n:032x}" for n in range(20)]
    assert found.history_ids[:20] == [f"{100 + n:032x}" for n in range(20)], "from the oldest day on"


def test_nothing_to_compare():
    assert find_clusters(empty(16), SCHEME, 0.8).cluster.tolist() == []


def test_a_cluster_of_100_000_and_a_bucket_of_strangers_finish_in_seconds():
    text = real_documents(1)[0]
    one = documents_of([text])
    size = 100_000
    alike = in_a_row(
        ids=[f"{n:032x}" for n in range(size)],
        keys=np.repeat(one.keys, size, axis=0),
        evidence=np.tile(one.evidence, size),
        offsets=np.arange(size + 1, dtype=np.int64) * len(one.evidence),
    )
    find_clusters(alike.take(np.arange(2)), SCHEME, 0.8)
    begin = time.perf_counter()
    found = find_clusters(alike, SCHEME, 0.8)
    assert set(found.cluster.tolist()) == {0}
    assert found.compared == size - 1
    draw = np.random.default_rng(1)
    strangers = in_a_row(
        ids=alike.ids,
        keys=alike.keys,
        evidence=np.sort(draw.integers(0, 1 << 32, (size, 20), dtype=np.uint32), axis=1).reshape(-1),
        offsets=np.arange(size + 1, dtype=np.int64) * 20,
    )
    found = find_clusters(strangers, SCHEME, 0.8)
    assert (found.cluster == np.arange(size)).all(), "a flood of equal band keys links nobody"
    assert found.compared <= 16 * 16 * size
    assert time.perf_counter() - begin < 30
