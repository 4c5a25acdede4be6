"""A stretch: what happens to rows between two places where they lie in files, done where Spark's Python runs.

A worker reads its parts, takes each batch through document passes and verdicts, and writes: to the zones what is
finished, to the scratch folder what is still to be compared, with the columns by which it is.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from penstock.lake import Lake
from penstock.process import audit
from penstock.process.document_pass import PassRunner, output_schema
from penstock.process.keys import with_keys
from penstock.process.parts import Part, PartWriter, read_batches
from penstock.process.plan import DocumentPass
from penstock.process.tag import Tag

if TYPE_CHECKING:
    import pyarrow as pa
    from pydantic import SecretStr
    from pyspark.sql import SparkSession

STAGED = "staged"
WRITTEN = "outcome string, path string, rows bigint"
_STAGED_OPTIONS: Mapping[str, Any] = {
    "compression": "lz4",
    "use_dictionary": False,
    "write_statistics": False,
}
_ZONE_LEVEL = 3
_Turn = Callable[["pa.RecordBatch"], "pa.RecordBatch"]


@dataclass(frozen=True)
class Fused:
    """Fused steps as a worker gets them: a JSON text and, apart from it, the secrets."""

    plan: str
    secrets: Mapping[str, SecretStr] = field(repr=False)

    @classmethod
    def of(cls, document_pass: DocumentPass) -> Fused:
        """Return a pass of this process for others."""
        return cls(document_pass.to_json(), document_pass.context.secrets)

    def build(self) -> DocumentPass:
        """Return the pass with its steps."""
        return DocumentPass.from_json(self.plan, self.secrets)

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Return the columns after it."""
        return output_schema(self.build(), schema)

    def open(self, lake: Lake, parts: Sequence[Part]) -> _Turn:
        """Return what takes batches through the pass."""
        del lake, parts
        return PassRunner(self.build()).run


Operation = Fused | Tag


@dataclass(frozen=True)
class Reading:
    """Rows in parts of files, and what is still to be done with them."""

    lake: Lake
    schema: pa.Schema
    parts: tuple[Part, ...]
    operations: tuple[Operation, ...] = ()

    def output_schema(self) -> pa.Schema:
        """Return the columns after the operations."""
        schema = self.schema
        for operation in self.operations:
            schema = operation.output_schema(schema)
        return schema

    def batches(self, parts: Sequence[Part]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some parts, done."""
        turns = [operation.open(self.lake, parts) for operation in self.operations]
        for batch in read_batches(self.lake, parts, self.schema):
            yield _through(turns, batch)


@dataclass(frozen=True)
class Zones:
    """Where finished rows go: a folder an outcome below ``folder``; ``text_column`` is written as texts are."""

    lake: Lake
    folder: str
    text_column: str


@dataclass(frozen=True)
class Staging:
    """What is compared next: rows in the flow go to ``folder``, with the columns by which ``step`` compares.

    With ``rest``, what every row still meets, those that left the flow are finished at once; without, they are staged
    too, as a step that sees whole frames comes later.
    """

    folder: str
    step: Fused
    rest: tuple[Operation, ...] | None


@dataclass(frozen=True)
class Stretch:
    """All that a worker must know: what it reads, in which tasks, and where its rows go."""

    reading: Reading
    tasks: tuple[tuple[Part, ...], ...]
    zones: Zones | None
    staging: Staging | None = None

    def execute(self, spark: SparkSession) -> list[Written]:
        """Run the tasks on Spark; return the files of those that succeeded, in the order of their paths."""
        if not self.tasks:
            return []
        count = len(self.tasks)
        done = spark.range(0, count, 1, count).mapInArrow(partial(run_tasks, self), WRITTEN).toArrow()
        return sorted((Written(**row) for row in done.to_pylist()), key=lambda written: written.path)


@dataclass(frozen=True)
class Written:
    """A file that a task wrote, and its rows; ``outcome`` is an outcome of rows, or ``staged``."""

    outcome: str
    path: str
    rows: int


def run_tasks(stretch: Stretch, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Do the tasks whose numbers come; yield what was written (columns `WRITTEN`)."""
    import pyarrow as pa

    schema = pa.schema([("outcome", pa.string()), ("path", pa.string()), ("rows", pa.int64())])
    for batch in batches:
        for task in batch.column(0).to_pylist():
            written = [asdict(each) for each in _run_task(stretch, int(task))]
            yield pa.RecordBatch.from_pylist(written, schema=schema)


def read_tasks(
    reading: Reading, tasks: Sequence[Sequence[Part]], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the tasks whose numbers come, for a step that wants a frame."""
    for batch in batches:
        for task in batch.column(0).to_pylist():
            yield from reading.batches(tasks[int(task)])


def _run_task(stretch: Stretch, task: int) -> list[Written]:
    parts = stretch.tasks[task]
    lake = stretch.reading.lake
    # Of a task that Spark runs twice, the two must not write one file; that of the loser is never named.
    name = f"part-{task:05d}-{random.token_hex(4)}.parquet"
    before = f"{stretch.staging.folder.rsplit('/', 1)[1]}-" if stretch.staging else ""
    finished = _Finished(stretch.zones, f"{before}{name}")
    staged = _Staged(lake, stretch.staging, name) if stretch.staging else None
    for batch in stretch.reading.batches(parts):
        for rows in staged.write(batch) if staged else (batch,):
            finished.write(rows)
    return [*finished.close(), *(staged.close() if staged else ())]


class _Finished:
    """Files of the zones: one an outcome that has rows."""

    def __init__(self, zones: Zones | None, name: str) -> None:
        self._zones, self._name = zones, name
        self._writers: dict[str, PartWriter] = {}

    def write(self, batch: pa.RecordBatch) -> None:
        for outcome, rows in audit.by_outcome(batch):
            if outcome not in self._writers:
                self._writers[outcome] = self._open(outcome, rows.schema)
            self._writers[outcome].write(rows)

    def _open(self, outcome: str, schema: pa.Schema) -> PartWriter:
        assert self._zones is not None  # noqa: S101 - without zones, all rows are staged
        path = f"{self._zones.folder}/{audit.OUTCOME}={outcome}/{self._name}"
        return PartWriter(self._zones.lake, path, **_zone_options(schema, self._zones.text_column))

    def close(self) -> list[Written]:
        for writer in self._writers.values():
            writer.close()
        return [Written(outcome, writer.path, writer.rows) for outcome, writer in self._writers.items()]


class _Staged:
    """The file of what is compared next."""

    def __init__(self, lake: Lake, staging: Staging, name: str) -> None:
        self._pass = staging.step.build()
        self._writer = PartWriter(lake, f"{staging.folder}/{name}", **_STAGED_OPTIONS)
        self._rest = None if staging.rest is None else [each.open(lake, ()) for each in staging.rest]

    def write(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Stage what is compared; yield the rows that are finished."""
        if self._rest is None:
            self._writer.write(self._keyed(batch))
            return
        live, others = audit.split(batch)
        compared, failed = audit.split(self._keyed(live))
        self._writer.write(compared)
        for rows in (others, failed.select(batch.schema.names)):
            yield _through(self._rest, rows)

    def _keyed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return with_keys(self._pass.steps[0], batch, self._pass.context)

    def close(self) -> list[Written]:
        self._writer.close()
        return [Written(STAGED, self._writer.path, self._writer.rows)] if self._writer.rows else []


def _through(turns: Sequence[_Turn], batch: pa.RecordBatch) -> pa.RecordBatch:
    for turn in turns:
        batch = turn(batch)
    return batch


def _zone_options(schema: pa.Schema, text_column: str) -> dict[str, Any]:
    """Return options for files that stay: no dictionary and no statistics of texts, which only cost."""
    named = [column for column in schema.names if column != text_column]
    return {
        "compression": "zstd",
        "compression_level": _ZONE_LEVEL,
        "use_dictionary": named,
        "write_statistics": named,
    }
