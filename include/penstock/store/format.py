"""The interface of a table format.

A table is published in two steps, so that the tables of one run become visible close together: `stage` writes the
day's data where no reader looks, `commit` makes it the table's content of that day in one atomic step. To add a
format, write a module in ``penstock.store.formats`` with one class (or register it under the entry point group
``penstock.table_formats``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from penstock.manifest import FileEntry, Manifest, Zone
from penstock.params import Params

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from penstock.lake import Lake

SNAPSHOTS_KEY = "snapshots"
"""The extra of a published manifest that pins versions of tables."""


@dataclass(frozen=True, eq=False)
class Target:
    """One table of one attempt: where its day goes, and what is written down beside it.

    ``properties`` are the ``penstock.*`` facts of the run; ``fingerprint`` names the day's rows.
    """

    lake: Lake
    dataset: str
    namespace: str
    table: str
    run_key: str
    fingerprint: str
    attempt_id: str
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """The name of the table in its catalog, quoted for SQL."""
        return f"`{self.namespace}`.`{self.table}`"

    @property
    def data_path(self) -> str:
        """Where files of this attempt go, from the lake's root.

        It is a sibling of the attempt's own prefix, which is removed when the attempt fails: a table may point to
        these files by then.
        """
        run_path = self.lake.run_path(Zone.PUBLISHED, self.dataset, self.run_key)
        return f"{run_path}/attempt={self.attempt_id}-data/{self.table}"

    @property
    def table_path(self) -> str:
        """The location of a table as a whole, from the lake's root; its days lie elsewhere."""
        return f"{Zone.PUBLISHED}/{self.dataset}/table={self.table}"


class Snapshot(Params):
    """What a reader pins: a table, its full name for Spark, its format, and the id of one version of it.

    ``rows`` counts the run's day in that version. ``created`` is false when the day was there already.
    """

    table: str
    name: str
    format: str
    snapshot_id: str
    rows: int = 0
    location: str = ""
    created: bool = True


def read_snapshots(manifest: Manifest) -> list[Snapshot]:
    """Return the versions of tables that a published manifest pins; none where it does not say so."""
    try:
        return [Snapshot.model_validate(item) for item in manifest.extra.get(SNAPSHOTS_KEY, ())]
    except ValidationError:
        return []


class TableFormat(Params):
    """Base of all table formats; a member has a ``kind`` and the methods below."""

    def name_of(self, target: Target) -> str:
        """Return the table's full name for Spark SQL."""
        raise NotImplementedError

    def exists(self, spark: SparkSession, target: Target) -> bool:
        """Return whether the table is in its catalog."""
        return bool(spark.catalog.tableExists(self.name_of(target)))

    def prepare(self, spark: SparkSession, target: Target, frame: DataFrame) -> list[str]:
        """Create the table or add the columns that it lacks; return notes for people.

        Raises:
            ContractError: when a column changed its type in a way that the table cannot follow.
        """
        raise NotImplementedError

    def stage(self, spark: SparkSession, target: Target, frame: DataFrame) -> None:
        """Write the day's rows, without the column ``day``, where no reader looks."""
        raise NotImplementedError

    def staged_rows(self, spark: SparkSession, target: Target) -> int:
        """Return the rows of the day in what was staged, as it was written."""
        raise NotImplementedError

    def commit(self, spark: SparkSession, target: Target, frame: DataFrame) -> Snapshot:
        """Make what was staged the table's content of the day, in one atomic step.

        Raises:
            SourceError: when other writers won too often; the stage is tried again.
        """
        raise NotImplementedError

    def discard(self, spark: SparkSession, target: Target, attempt_id: str) -> None:
        """Remove what an attempt staged and never committed; nothing there is fine."""
        raise NotImplementedError

    def current(self, spark: SparkSession, target: Target) -> Snapshot | None:
        """Return the version of a prepared table that holds the day as ``target.fingerprint`` names it, or nothing."""
        raise NotImplementedError

    def holds(self, spark: SparkSession, target: Target, snapshot: Snapshot) -> bool:
        """Return whether ``snapshot`` is still what readers get for the day."""
        raise NotImplementedError

    def count(self, spark: SparkSession, target: Target, snapshot: Snapshot) -> int:
        """Return the rows of the day in ``snapshot``, as the table itself has them."""
        raise NotImplementedError

    def files(self, target: Target, snapshot: Snapshot) -> list[FileEntry]:
        """Return the files to name in the manifest; a format that keeps its own list returns none."""
        raise NotImplementedError


def canonical_uri(uri: str) -> str:
    """Return a URI as the lake writes it: Hadoop says ``file:/x`` where the lake says ``file:///x``."""
    is_short = uri.startswith("file:/") and not uri.startswith("file://")
    return f"file://{uri.removeprefix('file:')}" if is_short else uri
