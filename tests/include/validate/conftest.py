"""A clean day to judge: rows that a tiny process stage published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.manifest import Zone
from penstock.receipt import Outcome, Receipt, Stage
from penstock.recipe import Recipe
from penstock.stage import Run, StageSpec, perform
from penstock.store.section import StoreSection
from penstock.validate.section import ValidateSection

SCHEMA = pa.schema(
    [("doc_id", pa.string()), ("text", pa.string()), ("lang", pa.string()), ("rating", pa.float64())]
)


@pytest.fixture
def run(run_of: Callable[..., Run]) -> Run:
    """A run of the dataset ``notes``."""
    return run_of(Recipe.only("notes", validate=ValidateSection(), store=StoreSection()))


@pytest.fixture
def clean(run: Run) -> Callable[..., Receipt]:
    """Publish rows (doc_id, text, lang, rating) to the clean zone of ``run``, or of another one."""

    def publish(
        rows: list[tuple[Any, ...]], *, of: Run | None = None, files: int = 1, version: int = 1
    ) -> Receipt:
        run_ = of or run

        def work(attempt, _):
            table = pa.Table.from_pylist(
                [dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA
            )
            for number in range(files):
                part = table.slice(
                    number * len(rows) // files,
                    (number + 1) * len(rows) // files - number * len(rows) // files,
                )
                with attempt.create(f"part-{number}.parquet", rows=len(part)) as file:
                    parquet.write_table(part, file)
            return Outcome(rows_in=len(rows), rows_out=len(rows))

        spec = StageSpec(stage=Stage.PROCESS, zone=Zone.CLEAN, inputs={"rows": rows, "version": version})
        return perform(run_, spec, work)

    return publish
