"""Parquet and ORC tables: external partitioned tables in Spark's own catalog, a day switched in one metastore call.

Each attempt writes its day to a prefix of its own; the table's partition points to one of them. The files that it
pointed to before stay for readers that opened them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from penstock.manifest import FileEntry
from penstock.store.columns import DAY_COLUMN, compare, definition, fit, listed
from penstock.store.format import Snapshot, TableFormat, Target, canonical_uri

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class FilesFormat(TableFormat):
    """What Parquet and ORC tables have in common."""

    codec: Literal["zstd", "gzip", "snappy"] = "zstd"

    @property
    def format(self) -> str:
        """The name of the format for Spark."""
        raise NotImplementedError

    @property
    def compression(self) -> str:
        """The codec as the format calls it."""
        return self.codec

    def read_rows(self, target: Target, path: str) -> int:
        """Return the number of rows that a file's own footer states."""
        raise NotImplementedError

    def name_of(self, target: Target) -> str:
        """Return ``spark_catalog.<namespace>.<table>``."""
        return f"spark_catalog.{target.identifier}"

    def prepare(self, spark: SparkSession, target: Target, frame: DataFrame) -> list[str]:
        """Create the database and the table, or add columns."""
        name = self.name_of(target)
        spark.sql(f"CREATE NAMESPACE IF NOT EXISTS spark_catalog.`{target.namespace}`").collect()
        location = target.lake.spark_uri(target.table_path)
        spark.sql(
            f"CREATE TABLE IF NOT EXISTS {name} ({definition(frame.schema)}) USING {self.format} "
            f"PARTITIONED BY ({DAY_COLUMN}) LOCATION '{location}'"
        ).collect()
        spark.sql(f"REFRESH TABLE {name}").collect()
        change = compare(spark.table(name).schema, frame.schema, name=name, can_widen=False)
        if change.added:
            spark.sql(f"ALTER TABLE {name} ADD COLUMNS ({listed(change.added)})").collect()
        return change.notes(f"{target.namespace}.{target.table}")

    def stage(self, spark: SparkSession, target: Target, frame: DataFrame) -> None:
        """Write the day's files under the attempt; a day without rows is one file without rows."""
        rows = fit(frame, spark.table(self.name_of(target)).schema)
        uri = target.lake.spark_uri(target.data_path)
        rows.write.mode("overwrite").option("compression", self.compression).format(self.format).save(uri)

    def staged_rows(self, spark: SparkSession, target: Target) -> int:
        """Sum the rows that the files' own footers state."""
        return sum(entry.rows or 0 for entry in self._entries(target, target.data_path))

    def commit(self, spark: SparkSession, target: Target, frame: DataFrame) -> Snapshot:
        """Point the day's partition to the attempt's files."""
        name, uri = self.name_of(target), target.lake.spark_uri(target.data_path)
        day = f"PARTITION ({DAY_COLUMN} = DATE'{target.run_key}')"
        spark.sql(f"ALTER TABLE {name} ADD IF NOT EXISTS {day} LOCATION '{uri}'").collect()
        if self._location(spark, target) != uri:
            spark.sql(f"ALTER TABLE {name} {day} SET LOCATION '{uri}'").collect()
        spark.sql(f"REFRESH TABLE {name}").collect()
        return Snapshot(
            table=target.table,
            name=f"{target.namespace}.{target.table}",
            format=self.format,
            snapshot_id=target.attempt_id,
            location=uri,
        )

    def discard(self, spark: SparkSession, target: Target, attempt_id: str) -> None:
        """Remove the attempt's files, unless the table points to them."""
        run_path = target.data_path.rsplit("/", 2)[0]
        path = f"{run_path}/attempt={attempt_id}-data/{target.table}"
        if self._location(spark, target) != target.lake.spark_uri(path):
            target.lake.remove(path)

    def current(self, spark: SparkSession, target: Target) -> Snapshot | None:
        """Return nothing: without a snapshot's own check sums, files are written again rather than believed."""
        return None

    def holds(self, spark: SparkSession, target: Target, snapshot: Snapshot) -> bool:
        """Return whether the day's partition points to the snapshot's files."""
        return self._location(spark, target) == snapshot.location

    def count(self, spark: SparkSession, target: Target, snapshot: Snapshot) -> int:
        """Count the day's rows in the table."""
        where = f"{DAY_COLUMN} = DATE'{target.run_key}'"
        query = f"SELECT count(*) FROM {self.name_of(target)} WHERE {where}"  # noqa: S608
        return int(spark.sql(query).collect()[0][0])

    def files(self, target: Target, snapshot: Snapshot) -> list[FileEntry]:
        """Return the data files of the day with size, sha256 and rows."""
        lake = target.lake
        return self._entries(target, snapshot.location.removeprefix(lake.spark_uri("")))

    def _entries(self, target: Target, folder: str) -> list[FileEntry]:
        lake = target.lake
        paths = [full[len(lake.root) + 1 :] for full in sorted(lake.fs.find(lake.full(folder)))]
        return [
            FileEntry(
                path=path,
                bytes=lake.fs.size(lake.full(path)),
                sha256=lake.sha256(path),
                rows=self.read_rows(target, path),
            )
            for path in paths
            if path.endswith(f".{self.format}")
        ]

    def _location(self, spark: SparkSession, target: Target) -> str | None:
        """Return where the day's partition points to."""
        if not self.exists(spark, target):
            return None
        name, day = self.name_of(target), f"PARTITION ({DAY_COLUMN} = DATE'{target.run_key}')"
        if not spark.sql(f"SHOW PARTITIONS {name} {day}").collect():
            return None
        described = spark.sql(f"DESCRIBE FORMATTED {name} {day}").collect()
        found = [row["data_type"] for row in described if row["col_name"] == "Location"]
        return canonical_uri(found[0]) if found else None


class ParquetFormat(FilesFormat):
    """Partitioned Parquet, read by Spark SQL as ``<namespace>.<table>``."""

    kind: Literal["parquet"] = "parquet"

    @property
    def format(self) -> str:
        """Parquet."""
        return "parquet"

    def read_rows(self, target: Target, path: str) -> int:
        """Read the Parquet footer."""
        from pyarrow import parquet

        with target.lake.open(path) as stream:
            return int(parquet.read_metadata(stream).num_rows)


class OrcFormat(FilesFormat):
    """Partitioned ORC, read by Spark SQL as ``<namespace>.<table>``."""

    kind: Literal["orc"] = "orc"

    @property
    def format(self) -> str:
        """ORC."""
        return "orc"

    @property
    def compression(self) -> str:
        """The codec; what others call gzip is ORC's zlib."""
        return "zlib" if self.codec == "gzip" else self.codec

    def read_rows(self, target: Target, path: str) -> int:
        """Read the ORC footer."""
        from pyarrow import orc

        with target.lake.open(path) as stream:
            return int(orc.ORCFile(stream).nrows)
