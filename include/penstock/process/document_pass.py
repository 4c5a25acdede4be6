"""Run fused document steps over Arrow batches; this is what an executor does.

Adjacent native steps are one call of machine code on the batch's own memory. For the others, only the columns that they
declare become Python values, of documents still in the flow; all else passes through as it came. Whatever a step does,
each row that comes in goes out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, cast

from penstock.process.native import NativeSegment
from penstock.process.plan import DocumentPass
from penstock.process.rows import READ_STEP, Rows
from penstock.process.step import NativeStep

if TYPE_CHECKING:
    import pyarrow as pa
    from pydantic import SecretStr

__all__ = ["READ_STEP", "PassRunner", "batch_runner", "output_schema", "run_batch", "run_batches"]


def batch_runner(
    document_pass: DocumentPass,
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return the function for ``mapInArrow``: it pickles as a name, a JSON text and, apart from it, the secrets."""
    return partial(run_batches, document_pass.to_json(), secrets=document_pass.context.secrets)


def run_batches(
    plan_json: str, batches: Iterable[pa.RecordBatch], *, secrets: Mapping[str, SecretStr] | None = None
) -> Iterator[pa.RecordBatch]:
    """Build the steps, then run every batch through them."""
    runner = PassRunner(DocumentPass.from_json(plan_json, secrets))
    for batch in batches:
        yield runner.run(batch)


def run_batch(document_pass: DocumentPass, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Run the steps over one batch whose schema has the audit columns."""
    return PassRunner(document_pass).run(batch)


class PassRunner:
    """A pass with what its steps need built; it serves any number of batches."""

    def __init__(self, document_pass: DocumentPass) -> None:
        self.document_pass = document_pass
        self._segments = [
            NativeSegment([(name, cast("NativeStep", step)) for name, step in group])
            if is_native
            else list(group)
            for is_native, group in groupby(
                document_pass.document_steps, key=lambda named: isinstance(named[1], NativeStep)
            )
        ]

    def run(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Run the steps over one batch whose schema has the audit columns."""
        import pyarrow as pa

        schema = output_schema(self.document_pass, batch.schema)
        rows = Rows(self.document_pass, batch)
        for segment in self._segments:
            if isinstance(segment, NativeSegment):
                rows.run_native(segment)
            else:
                rows.run_python(segment)
        return pa.RecordBatch.from_arrays(rows.arrays(schema), schema=schema)


def output_schema(document_pass: DocumentPass, schema: pa.Schema) -> pa.Schema:
    """Return the schema after the pass: replaced columns keep their place, new ones come last.

    Raises:
        RecipeError: when a step reads a column of a type that it cannot use.
    """
    import pyarrow as pa

    for named in document_pass.steps:
        named.step.check_types(schema)
        for name, kind in named.step.adds().items():
            index = schema.get_field_index(name)
            field = pa.field(name, kind)
            schema = schema.append(field) if index < 0 else schema.set(index, field)
    return schema
