"""A few raw rows of a day, the same for the same day and seed, without reading a large day whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from penstock.parquet_stream import ParquetStream
from penstock.process.parts import parts_of
from penstock.report.sample import Sample

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake
    from penstock.manifest import Manifest

LOOK_AT = 20
"""Rows that are looked at for each one that is wanted, where the day has them."""

MAX_LOOK_BYTES = 256 << 20
"""Decoded bytes that are looked at, at most (but for one row group)."""


class RawSample(NamedTuple):
    """The rows, how many the day has, and among how many these were chosen."""

    rows: pa.Table
    rows_of_day: int
    rows_seen: int


def sample_raw(lake: Lake, manifest: Manifest, size: int, *, seed: int = 0) -> RawSample:
    """Return ``size`` rows of a raw manifest; of a large day, out of some of its row groups, chosen by ``seed``."""
    import pyarrow as pa

    chosen = Sample(size, seed=seed)
    total, schema = manifest.outcome.rows_out, None
    for rows in _groups(lake, manifest, size, seed):
        chosen.add(rows)
        schema = rows.schema
    found = chosen.rows()
    if found is None:
        schema = schema or _schema(lake, manifest) or pa.schema([("doc_id", pa.string())])
        found = schema.empty_table()
    return RawSample(found, total, chosen.seen)


def _groups(lake: Lake, manifest: Manifest, size: int, seed: int) -> Iterator[pa.Table]:
    """Yield row groups in an order of the seed's until enough rows were seen."""
    parts = parts_of(lake, sorted(entry.path for entry in manifest.entries()))
    random.Random(seed).shuffle(parts)  # noqa: S311 - a sample, no secret
    seen = looked = 0
    for part in parts:
        if seen and (seen >= size * LOOK_AT or looked + part.bytes > MAX_LOOK_BYTES):
            return
        with lake.open(part.path) as stream:
            yield ParquetStream(stream).group(part.group)
        seen, looked = seen + part.rows, looked + part.bytes


def _schema(lake: Lake, manifest: Manifest) -> pa.Schema | None:
    from pyarrow import parquet

    for entry in manifest.entries():
        with lake.open(entry.path) as stream:
            return parquet.read_schema(stream)
    return None
