"""The clusters that datatrove's MinHash stages find, and the shingles they are made of.

    <datatrove>/bin/python clusters.py SAMPLE OUT

Writes ``OUT/clusters.parquet``: ``id``, ``cluster`` (a number, null for a document without near-duplicates) and
``shingles`` (the distinct hashes of its shingles, sorted), by which an exact Jaccard similarity can be computed.
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashDedupBuckets, MinhashDedupCluster
from pyarrow import parquet
from run import CONFIG, reader, run


def main() -> None:
    """Run three stages and read what they wrote."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    signatures, buckets, removed = (str(given.out / name) for name in ("signatures", "buckets", "removed"))
    hasher = MinhashDedupSignature(output_folder=signatures, config=CONFIG)
    names: list[str] = []
    shingles: list[np.ndarray] = []

    def remember(data: object, rank: int = 0, world_size: int = 1) -> object:
        for document in data:
            names.append(document.id)
            shingles.append(np.unique(hasher.get_shingles(document.text)))
            yield document

    run("signatures", [reader(str(given.sample / "parquet")), remember, hasher], given.out)
    run(
        "buckets",
        [MinhashDedupBuckets(signatures, buckets, config=CONFIG)],
        given.out,
        tasks=CONFIG.num_buckets,
    )
    run("clusters", [MinhashDedupCluster(buckets, removed, config=CONFIG, save_cluster_id=True)], given.out)
    marked = given.out / "removed" / "000000.clusters"
    pairs = dict(struct.iter_unpack("<2I", marked.read_bytes())) if marked.exists() else {}
    columns = {
        "id": pa.array(names, pa.string()),
        "cluster": pa.array([pairs.get(i) for i in range(len(names))], pa.int64()),
        "shingles": pa.array(shingles, pa.list_(pa.uint64())),
    }
    parquet.write_table(pa.table(columns), given.out / "clusters.parquet", compression="zstd")


if __name__ == "__main__":
    main()
