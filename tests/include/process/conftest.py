"""Run steps without Spark, and the stage with it, on tiny days."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.document_pass import run_batches
from penstock.process.plan import DocumentPass, build_passes
from penstock.process.step import Context, Document, DocumentStep, Drop, Step
from penstock.receipt import Outcome, Receipt, Stage
from penstock.recipe import Recipe, parse
from penstock.stage import Run, StageSpec, perform

AUDIT = audit.fields()
RUN_KEY = "2026-11-16"


@pytest.fixture
def context() -> Context:
    """What a step may know."""
    return Context(dataset="notes", run_key=RUN_KEY)


@pytest.fixture
def apply_to(context: Context) -> Callable[..., tuple[Document, Drop | Exception | None]]:
    """Show one document to a step."""

    def apply(step: DocumentStep, text: str | None, **values: object) -> tuple[Document, Any]:
        columns = {"text": text, **dict.fromkeys(step.reads()), **dict.fromkeys(step.adds()), **values}
        document = Document(columns)
        return document, step.apply_batch([document], context)[0]

    return apply


def with_audit(table: pa.Table) -> pa.Table:
    for field in AUDIT:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table


@pytest.fixture
def run_fused(context: Context) -> Callable[..., pa.Table]:
    """Run document steps over a table, in batches, as an executor does."""

    def run(
        steps: Sequence[Step], table: pa.Table, *, batch_rows: int = 1000, context: Context = context
    ) -> pa.Table:
        (only,) = build_passes(steps, context)
        assert isinstance(only, DocumentPass)
        batches = with_audit(table).to_batches(max_chunksize=batch_rows)
        return pa.Table.from_batches(list(run_batches(only.to_json(), batches)))

    return run


@pytest.fixture
def recipe_of() -> Callable[[str], Recipe]:
    """Make a recipe with a process section."""

    def make(process: str) -> Recipe:
        head = "dataset: notes\nstart: 2026-11-01\ningest: {source: {kind: folder, path: /nowhere}}\n"
        return parse(f"{head}process: {process}\nstore: {{tables: [{{name: notes}}]}}\n", where="test")

    return make


@pytest.fixture
def publish_raw() -> Callable[..., Receipt]:
    """Publish raw rows, a shard a table, as transfer does."""

    def publish(run: Run, *shards: pa.Table) -> Receipt:
        def work(attempt: Any, _: str) -> Outcome:
            for number, shard in enumerate(shards):
                with attempt.create(f"part-{number:05d}.parquet", rows=shard.num_rows) as file:
                    parquet.write_table(shard, file)
            rows = sum(shard.num_rows for shard in shards)
            return Outcome(rows_in=rows, rows_out=rows)

        content = {"content": [digest_of(shard) for shard in shards]}
        return perform(run, StageSpec(stage=Stage.TRANSFER, zone=Zone.RAW, inputs=content), work)

    return publish


@pytest.fixture
def rows_in() -> Callable[[Run, Zone], list[Mapping[str, Any]]]:
    """Read what the published process manifest holds in a zone."""

    def read(run: Run, zone: Zone) -> list[Mapping[str, Any]]:
        manifest = run.upstream(Zone.CLEAN)
        rows: list[Mapping[str, Any]] = []
        for entry in manifest.entries(zone):
            with run.lake.open(entry.path) as stream:
                rows += parquet.read_table(stream).to_pylist()
        return sorted(rows, key=lambda row: str(row["doc_id"]))

    return read


def digest_of(table: pa.Table) -> str:
    """Return the sha256 of a table, whatever bytes its texts are."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def doc_id(number: int) -> str:
    """Return an id of 32 hex digits."""
    return f"{number:032x}"


@pytest.fixture
def raw_of() -> Callable[..., pa.Table]:
    """Make raw rows of texts."""

    def make(texts: Sequence[str | None], *, first: int = 0, **columns: Sequence[object]) -> pa.Table:
        ids = pa.array([doc_id(first + n) for n in range(len(texts))], type=pa.string())
        return pa.table({"doc_id": ids, "text": pa.array(texts, type=pa.string()), **columns})

    return make


@pytest.fixture
def table_of(raw_of: Callable[..., pa.Table]) -> Callable[..., pa.Table]:
    """Make raw rows of texts with the audit columns, as a pass gets them."""
    return lambda texts, **columns: with_audit(raw_of(texts, **columns))
