"""A few raw rows of a day, the same for the same day and seed, without reading a large day whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from penstock.parquet_stream import ParquetStream
from penstock.report.sample import Sample

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.lake import Lake
    from penstock.manifest import FileEntry, Manifest

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
    places = list(_places(lake, manifest))
    random.Random(seed).shuffle(places)  # noqa: S311 - a sample, no secret
    seen = looked = 0
    for entry, group, rows, size_bytes in places:
        if seen and (seen >= size * LOOK_AT or looked + size_bytes > MAX_LOOK_BYTES):
            return
        with lake.open(entry.path) as stream:
            yield ParquetStream(stream).group(group)
        seen, looked = seen + rows, looked + size_bytes


def _places(lake: Lake, manifest: Manifest) -> Iterator[tuple[FileEntry, int, int, int]]:
    from pyarrow import parquet

    for entry in sorted(manifest.entries(), key=lambda entry: entry.path):
        with lake.open(entry.path) as stream:
            found = parquet.read_metadata(stream)
        for group in range(found.num_row_groups):
            part = found.row_group(group)
            if part.num_rows:
                yield entry, group, part.num_rows, part.total_byte_size


def _schema(lake: Lake, manifest: Manifest) -> pa.Schema | None:
    from pyarrow import parquet

    for entry in manifest.entries():
        with lake.open(entry.path) as stream:
            return parquet.read_schema(stream)
    return None
