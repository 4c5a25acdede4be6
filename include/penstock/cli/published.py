"""A look into published tables and dropped rows, without Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.locations import Locations
from penstock.manifest import Zone

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.store.format import Snapshot


def sample_rows(
    locations: Locations, dataset: str, table: str, *, run_key: str, limit: int
) -> list[dict[str, Any]]:
    """Return a few rows of a day, of the two most frequent languages where there is a ``lang``.

    Columns that hold lists and structures are left out.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = _rows_of_day(locations, dataset, table, run_key)
    rows = rows.select([field.name for field in rows.schema if not pa.types.is_nested(field.type)])
    if "lang" not in rows.column_names:
        return list(rows.slice(0, limit).to_pylist())
    found = [count for count in rows["lang"].value_counts().to_pylist() if count["values"]]
    most = sorted(found, key=lambda count: -int(count["counts"]))[:2]
    each = max(1, limit // max(1, len(most)))
    chosen = [rows.filter(pc.equal(rows["lang"], count["values"])).slice(0, each) for count in most]
    return [row for part in chosen for row in part.to_pylist()]


def count_rows(locations: Locations, dataset: str, table: str, *, run_key: str, doc_id: str) -> int:
    """Return how many rows of a day in a table are the document ``doc_id``."""
    import pyarrow.compute as pc

    rows = _rows_of_day(locations, dataset, table, run_key, columns=("doc_id",))
    return int(pc.sum(pc.equal(rows["doc_id"], doc_id)).as_py() or 0)


def _rows_of_day(
    locations: Locations, dataset: str, table: str, run_key: str, columns: tuple[str, ...] = ()
) -> pa.Table:
    from penstock.store.read import scan

    return scan(locations.lake(), locations.catalog, dataset, table, [run_key], columns=columns)


def pinned_tables(locations: Locations, dataset: str, run_key: str) -> list[Snapshot]:
    """Return the versions of the tables that a day's run published, in the recipe's order."""
    from penstock.store.format import Snapshot

    manifest = locations.lake().find_manifest(Zone.PUBLISHED, dataset, run_key)
    pinned = manifest.extra.get("snapshots", ()) if manifest else ()
    return [Snapshot.model_validate(item) for item in pinned]
