"""Read published tables without Spark: the days there are, and their rows as Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from penstock.errors import ContractError
from penstock.lake import Lake
from penstock.manifest import Manifest, Zone
from penstock.store.catalog import open_catalog
from penstock.store.columns import DAY_COLUMN
from penstock.store.format import Snapshot
from penstock.store.formats.iceberg import CATALOG

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import Table


def published_days(lake: Lake, dataset: str) -> list[str]:
    """Return the days that ``dataset`` has published, oldest first."""
    return lake.run_keys(Zone.PUBLISHED, dataset)


def open_table(catalog: Mapping[str, str], name: str) -> Table:
    """Open an Iceberg table; ``name`` is ``namespace.table``, with or without the catalog's name before it.

    ``catalog`` holds the Spark settings of the catalog.

    Raises:
        ContractError: when the catalog has no such table.
    """
    from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

    try:
        return open_catalog(catalog).load_table(name.removeprefix(f"{CATALOG}."))
    except (NoSuchTableError, NoSuchNamespaceError) as error:
        message = (
            f"table {name}: expected it in the catalog {CATALOG}, found none; run the dataset's flow for a day, "
            "or look where penstock_catalog points"
        )
        raise ContractError(message) from error


def scan(
    lake: Lake,
    catalog: Mapping[str, str],
    dataset: str,
    table: str,
    days: Sequence[str],
    *,
    columns: Sequence[str] = (),
) -> pa.Table:
    """Return the rows of some days as their runs published them, at the versions that the manifests pin.

    Two tables of one day that are read so agree, also while another run publishes. Columns: those asked for (by
    default all) and ``day`` (date).

    Raises:
        ContractError: when a day is not published, or did not publish that table.
    """
    import pyarrow as pa

    wanted = tuple(dict.fromkeys([*columns, DAY_COLUMN])) if columns else ()
    parts = [_read(lake, catalog, dataset, table, day, wanted) for day in dict.fromkeys(days)]
    if not parts:
        message = f"{dataset}.{table}: expected at least one day to read, got none; published_days names them"
        raise ContractError(message)
    return pa.concat_tables(parts, promote_options="permissive")


def scan_newest(
    catalog: Mapping[str, str], name: str, *, days: Iterable[str] = (), columns: Sequence[str] = ()
) -> pa.Table:
    """Return the rows of an Iceberg table as it is now; of all days, or of ``days``."""
    from pyiceberg.expressions import AlwaysTrue, In

    wanted = list(days)
    chosen = In(DAY_COLUMN, wanted) if wanted else AlwaysTrue()
    return (
        open_table(catalog, name).scan(row_filter=chosen, selected_fields=tuple(columns) or ("*",)).to_arrow()
    )


def _read(
    lake: Lake, catalog: Mapping[str, str], dataset: str, table: str, day: str, columns: tuple[str, ...]
) -> pa.Table:
    manifest = lake.manifest(Zone.PUBLISHED, dataset, day)
    snapshot = pinned(manifest, table)
    if snapshot.format == "iceberg":
        return _read_iceberg(catalog, snapshot, day, columns)
    return _read_files(lake, manifest, snapshot, columns)


def pinned(manifest: Manifest, table: str) -> Snapshot:
    """Return the version of ``table`` that a published manifest pins.

    Raises:
        ContractError: when it pins none.
    """
    snapshots = [Snapshot.model_validate(item) for item in manifest.extra.get("snapshots", ())]
    for snapshot in snapshots:
        if snapshot.table == table:
            return snapshot
    came = ", ".join(snapshot.table for snapshot in snapshots) or "none"
    message = (
        f"{manifest.dataset} {manifest.run_key}: expected a published table {table}, its manifest has: {came}; "
        "look at store.tables in the recipe"
    )
    raise ContractError(message)


def _read_iceberg(
    catalog: Mapping[str, str], snapshot: Snapshot, day: str, columns: tuple[str, ...]
) -> pa.Table:
    from pyiceberg.expressions import EqualTo

    rows = open_table(catalog, snapshot.name).scan(
        row_filter=EqualTo(DAY_COLUMN, day),
        selected_fields=columns or ("*",),
        snapshot_id=int(snapshot.snapshot_id),
    )
    return rows.to_arrow()


def _read_files(lake: Lake, manifest: Manifest, snapshot: Snapshot, columns: tuple[str, ...]) -> pa.Table:
    import pyarrow as pa
    from pyarrow import dataset as arrow_dataset

    from penstock.days import parse_run_key

    folder = f"/{snapshot.table}/"
    paths = [lake.full(entry.path) for entry in manifest.entries() if folder in entry.path]
    rows = arrow_dataset.dataset(paths, format=snapshot.format, filesystem=lake.fs)
    table = rows.to_table(columns=[name for name in columns if name != DAY_COLUMN] or None)
    day = pa.array([parse_run_key(manifest.run_key)] * len(table), type=pa.date32())
    return table.append_column(DAY_COLUMN, day)
