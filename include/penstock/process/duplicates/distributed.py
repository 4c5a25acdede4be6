"""Near-duplicates of a run that one process cannot hold: buckets and components by Spark, judged a component at a time.

Documents that share a bucket are linked without looking at the evidence; no true cluster reaches beyond a component of
these links. So whole components go to tasks, and each task does with its own what the driver does with a small run.
"""

# No "from __future__ import annotations" here: Spark reads the types of some functions below.

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from penstock.index.compare import find_clusters
from penstock.index.scheme import Scheme
from penstock.params import Params
from penstock.process.duplicates.components import local_components, spark_components
from penstock.process.duplicates.verdicts import (
    CLUSTER,
    IS_DROPPED,
    KEPT_ID,
    SIMILARITY,
    choose_kept,
    verdicts_of,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LOCAL_EDGES = 20_000_000
"""Links that the driver takes in (16 bytes each, about 1 GB with what scipy needs); more are joined by Spark."""
DOCUMENTS_PER_TASK = 200_000
VERDICTS = f"doc_id string, {KEPT_ID} string, {SIMILARITY} double, {CLUSTER} string, {IS_DROPPED} boolean"


class Judge(Params):
    """How a task judges its components."""

    scheme: Scheme
    threshold: float
    representatives: int
    has_worth: bool


def link(signed: "DataFrame", scheme: Scheme, keep: "Callable[[DataFrame, str], DataFrame]") -> "DataFrame":
    """Return ``node`` and ``component`` of the documents (``doc_id``, ``value``) that share a bucket with another."""
    import numpy as np
    import pyarrow as pa
    from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documentation uses

    keys = F.arrow_udf(_keyer(scheme), returnType="array<bigint>")
    keyed = signed.select(F.xxhash64("doc_id").alias("node"), F.explode(keys("value")).alias("key"))
    keyed = keep(keyed, "keys")
    first = (
        keyed.groupBy("key").agg(F.min("node").alias("b"), F.count("*").alias("n")).where("n > 1").drop("n")
    )
    edges = keep(
        keyed.join(first, "key").where("node != b").select(F.col("node").alias("a"), "b").distinct(), "edges"
    )
    if edges.count() > LOCAL_EDGES:
        return spark_components(edges, lambda frame, number: keep(frame, f"round{number}"))
    table = edges.toArrow()
    pairs = np.stack([table["a"].to_numpy(), table["b"].to_numpy()], axis=1)
    nodes, least = local_components(pairs)
    found = pa.table({"node": pa.array(nodes, pa.int64()), "component": pa.array(least, pa.int64())})
    frame: DataFrame = signed.sparkSession.createDataFrame(found)
    return keep(frame, "components")


def judge(signed: "DataFrame", components: "DataFrame", how: Judge, documents: int) -> "DataFrame":
    """Return the verdicts (`penstock.process.duplicates.verdicts.verdicts_of`) on all components."""
    from pyspark.sql import functions as F  # noqa: N812

    nodes = signed.withColumn("node", F.xxhash64("doc_id")).join(components, "node").drop("node")
    tasks = max(1, -(-documents // DOCUMENTS_PER_TASK))
    return nodes.repartition(tasks, "component").drop("component").mapInArrow(_judge_batches(how), VERDICTS)


def _judge_batches(how: Judge) -> Callable[[Iterable[Any]], Iterator[Any]]:
    def run(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        from penstock.index.signing import documents_of

        taken = list(batches)
        if not sum(len(batch) for batch in taken):
            return
        table = pa.Table.from_batches(taken)
        table = table.take(pc.sort_indices(table["doc_id"])).combine_chunks()
        documents = documents_of(table["doc_id"], table["value"], how.scheme)
        found = find_clusters(documents, how.scheme, how.threshold, representatives=how.representatives)
        worth = table["worth"].to_numpy() if how.has_worth else None
        yield from verdicts_of(found, choose_kept(found, worth), how.scheme).to_batches()

    return run


def _keyer(scheme: Scheme) -> Callable[..., Any]:
    import numpy as np
    import pyarrow as pa

    from penstock.index.signing import documents_of

    def keys(values: pa.Array) -> pa.Array:
        ids = pa.chunked_array([pa.array([""] * len(values), type=pa.string())])
        found = documents_of(ids, pa.chunked_array([values]), scheme)
        flat = pa.array(found.keys.reshape(-1).view(np.int64))
        return pa.ListArray.from_arrays(np.arange(len(values) + 1, dtype=np.int32) * scheme.bands, flat)

    return keys
