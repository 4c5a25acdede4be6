"""Connected components of a graph: on the driver while its edges fit, by Spark when they do not.

The distributed way is that of Kiveris et al. 2014 (Connected Components in MapReduce and Beyond): large-star and
small-star operations in turn, until nothing changes; each round halves the distances, so a few rounds do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from penstock.errors import ContractError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

MAX_ROUNDS = 60
"""Rounds are logarithmic in the number of nodes; what needs more is an error of ours, not a large graph."""


def local_components(edges: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the nodes of the edges (rows of two), and for each the least node of its component."""
    import numpy as np
    from scipy.sparse import coo_matrix  # type: ignore[import-untyped]
    from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

    nodes, places = np.unique(edges, return_inverse=True)
    pairs = places.reshape(-1, 2)
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(nodes), len(nodes)))
    _, labels = connected_components(graph, directed=False)
    least = np.full(int(labels.max(initial=-1)) + 1, len(nodes), dtype=np.int64)
    np.minimum.at(least, labels, np.arange(len(nodes)))
    return nodes, nodes[least[labels]]


def spark_components(edges: DataFrame, keep: Callable[[DataFrame, int], DataFrame]) -> DataFrame:
    """Return ``node`` and ``component`` (the least node of it) for the nodes of ``edges`` (``a``, ``b``: numbers).

    ``keep`` stores a frame and returns it as it is read back, so that a round does not compute all rounds before it.

    Raises:
        ContractError: when it does not come to an end.
    """
    from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

    current = keep(edges.where("a != b").distinct(), 0)
    before = _mark_of(current)
    for number in range(1, MAX_ROUNDS + 1):
        current = keep(_small_star(_large_star(current)), number)
        mark = _mark_of(current)
        if mark == before:
            roots = current.select(F.col("b").alias("node")).distinct()
            stars = current.select(F.col("a").alias("node"), F.col("b").alias("component"))
            return stars.unionByName(roots.withColumn("component", F.col("node")))
        before = mark
    message = f"components: expected an end within {MAX_ROUNDS} rounds, the edges still changed: an error of Penstock"
    raise ContractError(message)


def _large_star(edges: DataFrame) -> DataFrame:
    """Link each larger neighbour of a node to the least of the node and its neighbours."""
    both = edges.unionByName(edges.selectExpr("b as a", "a as b"))
    return _starred(both, lambda node, other: other > node)


def _small_star(edges: DataFrame) -> DataFrame:
    """Link each node and its smaller neighbours to the least of them."""
    from pyspark.sql import functions as F  # noqa: N812

    down = edges.select(F.greatest("a", "b").alias("a"), F.least("a", "b").alias("b"))
    least = _with_least(down)
    to_neighbours = least.where("b != m").selectExpr("b as a", "m as b")
    return to_neighbours.unionByName(least.where("a != m").selectExpr("a", "m as b")).distinct()


def _starred(both: DataFrame, is_wanted: Callable[[Column, Column], Column]) -> DataFrame:
    from pyspark.sql import functions as F  # noqa: N812

    least = _with_least(both)
    return (
        least.where(is_wanted(F.col("a"), F.col("b")))
        .selectExpr("b as a", "m as b")
        .where("a != b")
        .distinct()
    )


def _with_least(edges: DataFrame) -> DataFrame:
    """Add ``m``: the least of a node ``a`` and its neighbours. A groupBy, not a window: a hub is no single task's."""
    from pyspark.sql import functions as F  # noqa: N812

    least = edges.groupBy("a").agg(F.min("b").alias("m")).select("a", F.least("a", "m").alias("m"))
    return edges.join(least, "a")


def _mark_of(edges: DataFrame) -> tuple[int, int]:
    """Return what changes when the set of edges changes."""
    row = edges.selectExpr(
        "count(*) as n", "coalesce(sum(cast(xxhash64(a, b) as decimal(38, 0))), 0) as s"
    ).collect()[0]
    return int(row["n"]), int(row["s"])
