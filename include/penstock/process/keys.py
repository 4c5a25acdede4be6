"""The columns by which a step compares rows, made batch by batch where the rows are.

A row for which they cannot be made goes to quarantine; the others of its batch are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from penstock.process import audit
from penstock.process.plan import NamedStep
from penstock.process.rows import READ_STEP, Leave, failure
from penstock.process.step import CompareStep, Context
from penstock.process.texts import valid_texts

if TYPE_CHECKING:
    import pyarrow as pa


def with_keys(named: NamedStep, batch: pa.RecordBatch, context: Context) -> pa.RecordBatch:
    """Return the batch with the columns of `CompareStep.keys`; they are null for rows that are not in the flow."""
    import pyarrow.compute as pc

    step = cast("CompareStep", named.step)
    live, others = audit.split(batch)
    try:
        keys = step.keys(live, context)
    except Exception:
        batch = _without_failures(named, batch, context)
        live, others = audit.split(batch)
        keys = step.keys(live, context)
    if others.num_rows:
        is_live = batch.column(audit.STEP).is_null()
        places = pc.if_else(is_live, pc.subtract(pc.cumulative_sum(is_live.cast("int64")), 1), None)
        keys = {name: values.take(places) for name, values in keys.items()}
    return _appended(batch, keys)


def _without_failures(named: NamedStep, batch: pa.RecordBatch, context: Context) -> pa.RecordBatch:
    """Return the batch with those rows out of the flow that are no UTF-8, or on which the step raises alone."""
    import pyarrow as pa

    step, name = cast("CompareStep", named.step), context.text_column
    leaves: dict[int, Leave] = {}
    if name in batch.schema.names:
        texts, errors = valid_texts(batch.column(name))
        leaves = {row: failure(READ_STEP, error) for row, error in errors.items()}
        batch = batch.set_column(batch.schema.get_field_index(name), name, texts)
    tagged = batch.column(audit.STEP).to_pylist()
    for row in range(batch.num_rows):
        if tagged[row] is None and row not in leaves:
            try:
                step.keys(batch.slice(row, 1), context)
            except Exception as error:
                leaves[row] = failure(named.name, error)
    for number, field in enumerate(audit.fields()):
        values = batch.column(field.name).to_pylist()
        for row, leave in leaves.items():
            values[row] = leave[number] if tagged[row] is None else values[row]
        place = batch.schema.get_field_index(field.name)
        batch = batch.set_column(place, field, pa.array(values, type=field.type))
    return batch


def _appended(batch: pa.RecordBatch, columns: Mapping[str, pa.Array]) -> pa.RecordBatch:
    for name, values in columns.items():
        batch = batch.append_column(name, values)
    return batch
