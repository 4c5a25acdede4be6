"""A day's rows on their way through the steps: in files that workers read, or as a Spark frame.

Both know the same turns. Rows begin in files and stay there as long as no step wants a frame; what such a step returns
is a frame until the next comparison stages it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from penstock.lake import Lake
from penstock.process import audit, tag
from penstock.process.document_pass import batch_runner, output_schema
from penstock.process.duplicates.staging import files_below, lake_of, stage_rows
from penstock.process.keys import with_keys
from penstock.process.parts import TASK_BYTES, Part, divide, is_portable, parts_of
from penstock.process.plan import DocumentPass, NamedStep, Pass
from penstock.process.step import CompareStep, FrameContext, Staged
from penstock.process.stretch import (
    STAGED,
    Fused,
    Operation,
    Reading,
    Staging,
    Stretch,
    Zones,
    read_tasks,
)
from penstock.process.tag import Tag

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType


@dataclass(frozen=True)
class FileRows:
    """Rows in Parquet files, and what workers are still to do with them.

    ``finished`` are the files of rows that left the flow and met everything that rows still meet.
    """

    spark: SparkSession
    reading: Reading
    zones: Zones | None = None
    finished: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns as they are now."""
        return list(self.reading.output_schema().names)

    def run(self, document_pass: DocumentPass) -> FileRows:
        """Return the rows after a pass, which is run when they are next written or shown.

        Raises:
            RecipeError: when a step of it reads a column of a type that it cannot use.
        """
        output_schema(document_pass, self.reading.output_schema())  # a worker would say so, but later
        operations = (*self.reading.operations, Fused.of(document_pass))
        return replace(self, reading=replace(self.reading, operations=operations))

    def compare(self, named: NamedStep, context: FrameContext, later: Sequence[Pass]) -> FileRows:
        """Return the rows after a comparison; ``later`` are the passes that come after it."""
        step = _compare_step(named)
        folder = context.scratch(named.name)
        rest = _rest(step, named.name, later) if self.zones else None
        own = Fused.of(DocumentPass((named,), context.run))
        stretch = Stretch(self.reading, self._tasks(), self.zones, Staging(folder, own, rest))
        written = stretch.execute(self.spark)
        files = [each.path for each in written if each.outcome == STAGED]
        finished = [each.path for each in written if each.outcome != STAGED]
        schema = self.reading.output_schema()
        told = _judged(self.spark, self.reading.lake, files, schema, named, context)
        return replace(told, zones=self.zones, finished=(*self.finished, *finished))

    def frame(self) -> DataFrame:
        """Return the rows as a frame."""
        spark, reading = self.spark, self.reading
        schema = _spark_schema(reading.output_schema())
        if reading.parts and not reading.operations:
            paths = dict.fromkeys(part.path for part in reading.parts)
            return spark.read.schema(schema).parquet(*[reading.lake.spark_uri(path) for path in paths])
        tasks = self._tasks()
        numbers = spark.range(0, len(tasks), 1, max(1, len(tasks)))
        return numbers.mapInArrow(partial(read_tasks, reading, tasks), schema)

    def write(self, files: int | None = None) -> set[str]:
        """Write the rows into the folders of their outcomes; return the paths of all files, from the lake's root.

        At most ``files`` of them hold rows that were kept.
        """
        stretch = Stretch(self.reading, self._tasks(files), self.zones)
        return {*self.finished, *(each.path for each in stretch.execute(self.spark))}

    def _tasks(self, count: int | None = None) -> tuple[tuple[Part, ...], ...]:
        parts = self.reading.parts
        if count is None:
            cores = int(self.spark.conf.get("spark.sql.shuffle.partitions") or 1)
            rows, size = sum(part.rows for part in parts), sum(part.bytes for part in parts)
            count = max(1, min(cores, rows), -(-size // TASK_BYTES))
        return tuple(tuple(parts) for parts in divide(parts, count))


@dataclass(frozen=True)
class FrameRows:
    """Rows as a frame."""

    rows: DataFrame
    zones: Zones | None = None

    @property
    def columns(self) -> list[str]:
        """The columns as they are now."""
        return list(self.rows.columns)

    def run(self, document_pass: DocumentPass) -> FrameRows:
        """Return the rows after a pass."""
        from pyspark.sql.pandas.types import to_arrow_schema

        schema = _spark_schema(output_schema(document_pass, to_arrow_schema(self.rows.schema)))
        return replace(self, rows=self.rows.mapInArrow(batch_runner(document_pass), schema))

    def compare(self, named: NamedStep, context: FrameContext, later: Sequence[Pass]) -> FileRows:
        """Stage the frame and return the rows after a comparison."""
        del later  # what left the flow is in the frame, and stays with the rows
        from pyspark.sql.pandas.types import to_arrow_schema

        schema = to_arrow_schema(self.rows.schema)
        own = Fused.of(DocumentPass((named,), context.run))
        keyed = _spark_schema(_keyed_schema(named, schema, context))
        _, files = stage_rows(self.rows.mapInArrow(partial(_add_keys, own), keyed), context, named.name)
        told = _judged(self.rows.sparkSession, lake_of(context), files, schema, named, context)
        return replace(told, zones=self.zones)

    def frame(self) -> DataFrame:
        """Return the frame."""
        return self.rows

    def write(self, files: int | None = None) -> set[str]:
        """Write the rows into the folders of their outcomes, by Spark; return the paths of the files.

        At most ``files`` of them hold rows that were kept.
        """
        zones, frame = _zones(self.zones), self.rows.withColumn(audit.OUTCOME, audit.outcome())
        has_id = "doc_id" in frame.columns
        if files is not None:
            frame = frame.repartition(files, "doc_id") if has_id else frame.repartition(files)
        if has_id:
            frame = frame.sortWithinPartitions(audit.OUTCOME, "doc_id")
        options = {"compression": "zstd", **_options_for_texts(zones.text_column)}
        frame.write.partitionBy(audit.OUTCOME).options(**options).parquet(zones.lake.spark_uri(zones.folder))
        return set(files_below(zones.lake, zones.folder))


def rows_of(spark: SparkSession, lake: Lake, paths: Sequence[str], zones: Zones) -> FileRows | FrameRows:
    """Return the rows of Parquet files, with the columns of the audit."""
    import pyarrow as pa
    from pyspark.sql.pandas.types import to_arrow_schema

    frame = spark.read.parquet(*[lake.spark_uri(path) for path in paths])
    schema = to_arrow_schema(frame.schema)
    was_audited = not set(audit.COLUMNS).isdisjoint(
        schema.names
    )  # of another flow; here every row is in the flow
    if was_audited or not is_portable(schema):
        return FrameRows(audit.with_audit(frame), zones)
    reading = Reading(lake, pa.schema([*schema, *audit.fields()]), tuple(parts_of(lake, paths)))
    return FileRows(spark, reading, zones)


def _compare_step(named: NamedStep) -> CompareStep:
    assert isinstance(named.step, CompareStep)  # noqa: S101 - for the type checker
    return named.step


def _rest(step: CompareStep, name: str, later: Sequence[Pass]) -> tuple[Operation, ...] | None:
    """Return what rows that left the flow still meet; nothing, when a step comes that sees frames."""
    found: list[Operation] = [_tag(step, name)]
    for each in later:
        if isinstance(each, DocumentPass):
            found.append(Fused.of(each))
        elif isinstance(each.step, CompareStep):
            found.append(_tag(each.step, each.named.name))
        else:
            return None
    return tuple(found)


def _judged(
    spark: SparkSession,
    lake: Lake,
    files: Sequence[str],
    schema: pa.Schema,
    named: NamedStep,
    context: FrameContext,
) -> FileRows:
    """Let a step judge what was staged, and return the staged rows with its verdicts still to be told."""
    import pyarrow as pa

    step, parts = _compare_step(named), tuple(parts_of(lake, files))
    staged = Staged(
        files=files,
        rows=sum(part.rows for part in parts),
        frame=lambda: spark.read.parquet(*[lake.spark_uri(file) for file in files]),
    )
    path = context.scratch(f"{named.name}_verdicts/verdicts.parquet")
    tag.write(step.judge(staged, context), lake, path)
    needed = pa.schema([field for field in schema if field.name not in step.removes()])
    return FileRows(spark, Reading(lake, needed, parts, (_tag(step, named.name, path),)))


def _tag(step: CompareStep, name: str, path: str | None = None) -> Tag:
    return Tag(name, step.reason, dict(step.adds()), step.removes(), path)


def _keyed_schema(named: NamedStep, schema: pa.Schema, context: FrameContext) -> pa.Schema:
    import pyarrow as pa

    return with_keys(named, pa.RecordBatch.from_pylist([], schema=schema), context.run).schema


def _add_keys(own: Fused, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Add the columns by which a step compares: what an executor does with a frame."""
    built = own.build()
    for batch in batches:
        yield with_keys(built.steps[0], batch, built.context)


def _spark_schema(schema: pa.Schema) -> StructType:
    """Return the columns as Spark has them; a time without a zone stays one."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema, prefer_timestamp_ntz=True)


def _options_for_texts(column: str) -> dict[str, str]:
    """Return options of Spark's Parquet writer for a column of texts: neither dictionary nor statistics.

    Both copy values, none of which is of use: with them a text of 200 MB needs a GB more of the heap.
    """
    return {
        f"parquet.enable.dictionary#{column}": "false",
        f"parquet.column.statistics.enabled#{column}": "false",
    }


def _zones(zones: Zones | None) -> Zones:
    assert zones is not None  # noqa: S101 - rows that are written were made with zones
    return zones
