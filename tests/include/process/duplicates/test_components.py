from __future__ import annotations

import random

import numpy as np
import pytest

from penstock.process.duplicates.components import local_components, spark_components

CHAIN = [(n, n + 1) for n in range(40)]
STAR = [(0, n) for n in range(1, 300)]


def plainly(edges):
    least = {}
    for a, b in edges:
        least.setdefault(a, a), least.setdefault(b, b)
    changed = True
    while changed:
        changed = False
        for a, b in edges:
            low = min(least[a], least[b])
            if (least[a], least[b]) != (low, low):
                least[a] = least[b] = low
                changed = True
    return least


def random_edges(seed, nodes, count):
    draw = random.Random(seed)
    return [(draw.randrange(nodes), draw.randrange(nodes)) for _ in range(count)]


@pytest.mark.parametrize(
    "edges", [[], [(5, 5)], CHAIN, STAR, random_edges(1, 300, 200), random_edges(2, 60, 300)]
)
def test_on_the_driver(edges):
    nodes, least = local_components(np.array(edges, dtype=np.int64).reshape(-1, 2))
    assert dict(zip(nodes.tolist(), least.tolist(), strict=True)) == plainly(edges)


def test_by_spark(spark, tmp_path):
    edges = [
        *CHAIN, *[(a + 1000, b + 1000) for a, b in STAR], *[(a - 500, b - 500) for a, b in random_edges(1, 300, 200)],
    ]  # fmt: skip

    def keep(frame, number):
        path = f"file://{tmp_path}/{number}"
        frame.write.parquet(path)
        return spark.read.parquet(path)

    found = spark_components(spark.createDataFrame(edges, "a long, b long"), keep).collect()
    expected = {
        node: least
        for node, least in plainly(edges).items()
        if any(node in e and e[0] != e[1] for e in edges)
    }
    assert {row.node: row.component for row in found} == expected
    assert len(found) == len(expected)
