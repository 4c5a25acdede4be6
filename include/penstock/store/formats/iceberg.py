"""Iceberg tables: a day is staged on a branch of its own and becomes the table by one fast-forward.

The branch's snapshot is the one that readers get: it carries the run's facts in its summary and is written once. When
another writer moved the table meanwhile, the day is staged again on top of what is there now.
"""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING, Literal

from penstock.errors import SourceError
from penstock.manifest import FileEntry
from penstock.store.columns import DAY_COLUMN, compare, definition, fit, listed
from penstock.store.format import Snapshot, TableFormat, Target, canonical_uri

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

logger = logging.getLogger(__name__)

CATALOG = "penstock"
_TRIES = 8
_PAUSE_S = 0.3


class IcebergFormat(TableFormat):
    """Iceberg tables in the catalog ``penstock``, Parquet inside, one snapshot a run."""

    kind: Literal["iceberg"] = "iceberg"
    codec: Literal["zstd", "gzip", "snappy"] = "zstd"

    def name_of(self, target: Target) -> str:
        """Return ``penstock.<namespace>.<table>``."""
        return f"{CATALOG}.{target.identifier}"

    def prepare(self, spark: SparkSession, target: Target, frame: DataFrame) -> list[str]:
        """Create the namespace and the table, or add and widen columns."""
        name = self.name_of(target)
        if not self.exists(spark, target):
            _retry(spark, f"CREATE NAMESPACE IF NOT EXISTS {CATALOG}.`{target.namespace}`")
            properties = f"'write.parquet.compression-codec'='{self.codec}', 'commit.retry.num-retries'='10'"
            columns = definition(frame.schema)
            _retry(
                spark,
                f"CREATE TABLE IF NOT EXISTS {name} ({columns}) USING iceberg PARTITIONED BY ({DAY_COLUMN}) "
                f"TBLPROPERTIES ({properties})",
            )
        change = compare(spark.table(name).schema, frame.schema, name=name, can_widen=True)
        if change.added:
            spark.sql(f"ALTER TABLE {name} ADD COLUMNS ({listed(change.added)})").collect()
        for column, wider in change.widened.items():
            spark.sql(f"ALTER TABLE {name} ALTER COLUMN `{column}` TYPE {wider}").collect()
        return change.notes(f"{target.namespace}.{target.table}")

    def stage(self, spark: SparkSession, target: Target, frame: DataFrame) -> None:
        """Replace the day on a new branch; a day without rows is emptied there."""
        from pyspark.sql import functions as F  # noqa: N812

        name, branch = self.name_of(target), _branch(target.attempt_id)
        self.discard(
            spark, target, target.attempt_id
        )  # OR REPLACE is refused while the table has no snapshot
        _retry(spark, f"ALTER TABLE {name} CREATE BRANCH `{branch}`")
        day = F.col(DAY_COLUMN) == F.lit(target.run_key).cast("date")
        writer = fit(frame, spark.table(name).schema, target.run_key).writeTo(f"{name}.`branch_{branch}`")
        for key, value in target.properties.items():
            writer = writer.option(f"snapshot-property.{key}", value)
        writer.overwrite(day)

    def staged_rows(self, spark: SparkSession, target: Target) -> int:
        """Count the day on the branch; Iceberg answers from its metadata."""
        return self._count(spark, target, f"'{_branch(target.attempt_id)}'")

    def commit(self, spark: SparkSession, target: Target, frame: DataFrame) -> Snapshot:
        """Fast-forward the table to the branch; after a conflict, stage again on the newer table."""
        from pyspark.errors import PySparkException

        for number in range(_TRIES):
            # Asked after the branch was made: who was first is seen here, or stands in the way of the fast-forward.
            there = self.current(spark, target)
            if there is not None:
                self.discard(spark, target, target.attempt_id)
                return there
            try:
                snapshot_id = self._fast_forward(spark, target)
            except PySparkException as error:
                logger.warning(
                    "%s %s: another writer was first, staging again", target.identifier, target.run_key
                )
                problem = str(error).split("\n", 1)[0]
            else:
                self.discard(spark, target, target.attempt_id)
                return self._snapshot(spark, target, snapshot_id)
            time.sleep(_PAUSE_S * (number + random.random()))  # noqa: S311 - so that two writers part
            if self.current(spark, target) is None:
                self.stage(spark, target, frame)
        message = (
            f"table {self.name_of(target)}: expected to commit {target.run_key} within {_TRIES} tries, other writers "
            f"won each time ({problem}); nothing of this table was published: the task is tried again later"
        )
        raise SourceError(message)

    def _fast_forward(self, spark: SparkSession, target: Target) -> int:
        what = f"'{target.namespace}.{target.table}', 'main', '{_branch(target.attempt_id)}'"
        row = spark.sql(f"CALL {CATALOG}.system.fast_forward({what})").collect()[0]
        return int(row["updated_ref"])

    def discard(self, spark: SparkSession, target: Target, attempt_id: str) -> None:
        """Drop the attempt's branch; its files become orphans that table maintenance removes."""
        _retry(spark, f"ALTER TABLE {self.name_of(target)} DROP BRANCH IF EXISTS `{_branch(attempt_id)}`")

    def current(self, spark: SparkSession, target: Target) -> Snapshot | None:
        """Return the newest snapshot of the day in the table's own history, if it has this fingerprint."""
        name = self.name_of(target)
        columns = "s.snapshot_id, s.summary['penstock.fingerprint'] AS fingerprint"
        both = f"{name}.history h JOIN {name}.snapshots s ON h.snapshot_id = s.snapshot_id"
        of_day = f"h.is_current_ancestor AND s.summary['penstock.run_key'] = '{target.run_key}'"
        query = f"SELECT {columns} FROM {both} WHERE {of_day} ORDER BY h.made_current_at DESC LIMIT 1"  # noqa: S608
        rows = spark.sql(query).collect()
        if not rows or rows[0]["fingerprint"] != target.fingerprint:
            return None
        return self._snapshot(spark, target, int(rows[0]["snapshot_id"]), created=False)

    def holds(self, spark: SparkSession, target: Target, snapshot: Snapshot) -> bool:
        """Return whether the newest snapshot of the day is this one."""
        there = self.current(spark, target) if self.exists(spark, target) else None
        return there is not None and there.snapshot_id == snapshot.snapshot_id

    def count(self, spark: SparkSession, target: Target, snapshot: Snapshot) -> int:
        """Count the day in that snapshot; Iceberg answers from its metadata."""
        return self._count(spark, target, snapshot.snapshot_id)

    def _count(self, spark: SparkSession, target: Target, version: str) -> int:
        query = (
            f"SELECT count(*) FROM {self.name_of(target)} VERSION AS OF {version} "  # noqa: S608
            f"WHERE {DAY_COLUMN} = DATE'{target.run_key}'"
        )
        return int(spark.sql(query).collect()[0][0])

    def files(self, target: Target, snapshot: Snapshot) -> list[FileEntry]:
        """Return none: the table's metadata names its files."""
        return []

    def _snapshot(
        self, spark: SparkSession, target: Target, snapshot_id: int, *, created: bool = True
    ) -> Snapshot:
        log = f"SELECT file FROM {self.name_of(target)}.metadata_log_entries LIMIT 1"  # noqa: S608
        return Snapshot(
            table=target.table,
            name=f"{CATALOG}.{target.namespace}.{target.table}",
            format=self.kind,
            snapshot_id=str(snapshot_id),
            location=canonical_uri(spark.sql(log).collect()[0]["file"].rsplit("/metadata/", 1)[0]),
            created=created,
        )


def _branch(attempt_id: str) -> str:
    return f"penstock_{attempt_id}"


def _retry(spark: SparkSession, statement: str) -> None:
    """Run a statement that another writer of the same table may disturb: once more is safe, and mostly enough.

    Raises:
        SourceError: when it fails each time.
    """
    from pyspark.errors import PySparkException

    for number in range(_TRIES):
        try:
            spark.sql(statement).collect()
        except PySparkException as error:
            problem = str(error).split("\n", 1)[0]
            time.sleep(_PAUSE_S * (number + random.random()))  # noqa: S311
        else:
            return
    message = (
        f"catalog {CATALOG}: expected to run {statement[:120]!r} within {_TRIES} tries, got: {problem}; "
        "look whether the catalog answers (penstock_catalog), then try the task again"
    )
    raise SourceError(message)
