"""A day that passed its gate: tiny process and validate stages publish it, with a verdict in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.jobs.session import connect
from penstock.manifest import Manifest, Zone
from penstock.receipt import Outcome, Stage, Verdict
from penstock.recipe import Recipe
from penstock.services.spark_server import ensure_running
from penstock.stage import Run, StageSpec, perform
from penstock.store.catalog import local_catalog
from penstock.store.section import StoreSection

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = pa.schema([("doc_id", pa.string()), ("label", pa.string()), ("score", pa.float32())])
TABLES = [
    {"name": "labeled", "columns": ["doc_id", "label"]},
    {"name": "features", "columns": ["doc_id", "score"]},
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The Spark settings of a catalog of this module's own."""
    return local_catalog(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def session(penstock_home: Path) -> Iterator[SparkSession]:
    """A session of this module's own: a session keeps the first catalog that it is given."""
    opened = connect(ensure_running(penstock_home, timeout_s=180), timeout_s=60)
    yield opened
    opened.stop()


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> str:
    """A namespace of the test's own: the Hive catalog is one for all tests of a session."""
    return f"ns_{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]}"


@pytest.fixture
def day_run(
    run_of: Callable[..., Run], catalog: dict[str, str], session: SparkSession, namespace: str
) -> Callable[..., Run]:
    """Make a run of the dataset ``notes``: two Iceberg tables by default."""

    def make(run_key: str = "2026-11-16", **store: Any) -> Run:
        section = StoreSection.model_validate({"tables": TABLES, "namespace": namespace, **store})
        return run_of(Recipe.only("notes", store=section), run_key, catalog=catalog, spark=lambda: session)

    return make


@pytest.fixture
def check() -> Callable[..., Manifest]:
    """Bring rows (doc_id, label, score) through process and validate of a run."""

    def publish(
        run: Run,
        rows: Sequence[tuple[Any, ...]],
        *,
        verdict: Verdict = Verdict.PASS,
        recorded: Verdict | None = Verdict.PASS,
        schema: pa.Schema = SCHEMA,
        files: int = 1,
    ) -> Manifest:
        _stage(run, Stage.PROCESS, Zone.CLEAN, (), rows, schema, files)
        clean = run.upstream(Zone.CLEAN)
        receipt = _stage(run, Stage.VALIDATE, Zone.CHECKED, (clean,), rows, schema, files, verdict)
        if recorded is not None:
            run.ledger.record_verdict(
                dataset="notes",
                run_key=run.run_key,
                attempt=receipt.attempt,
                fingerprint=receipt.fingerprint,
                verdict=recorded,
                results=[],
            )
        return run.upstream(Zone.CHECKED)

    return publish


def _stage(run, stage, zone, parents, rows, schema, files, verdict=None):
    def work(attempt, _):
        table = pa.Table.from_pylist(
            [dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema
        )
        for number in range(files):
            part = table.slice(
                number * len(rows) // files, (number + 1) * len(rows) // files - number * len(rows) // files
            )
            with attempt.create(f"part-{number}.parquet", rows=len(part)) as file:
                parquet.write_table(part, file)
        return Outcome(rows_in=len(rows), rows_out=len(rows), verdict=verdict)

    inputs = {"rows": [list(row) for row in rows], "schema": str(schema), "verdict": str(verdict)}
    return perform(run, StageSpec(stage=stage, zone=zone, parents=parents, inputs=inputs), work)
