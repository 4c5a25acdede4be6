from __future__ import annotations

import pyarrow as pa

from penstock.process import audit
from penstock.process.keys import with_keys
from penstock.process.plan import NamedStep
from penstock.process.step import CompareStep


class ByLength(CompareStep):
    """A step that cannot look at a text of an even length."""

    kind: str = "by_length"

    def keys(self, rows, context):
        lengths = [len(text) for text in rows.column(context.text_column).to_pylist()]
        if any(length % 2 == 0 for length in lengths):
            message = "even"
            raise ValueError(message)
        return {"length": pa.array(lengths, pa.int32())}


def test_rows_on_which_the_step_raises_leave_and_the_others_have_their_keys(table_of, context):
    table = table_of(["abc", "ab", "a", "gone", "abcde"])
    (batch,) = table.to_batches()
    steps = pa.array([None, None, None, "earlier", None], pa.string())
    batch = batch.set_column(batch.schema.get_field_index(audit.STEP), audit.STEP, steps)
    found = with_keys(NamedStep("by_length", ByLength()), batch, context)
    assert found.column("length").to_pylist() == [3, None, 1, None, 5]
    assert found.column(audit.STEP).to_pylist() == [None, "by_length", None, "earlier", None]
    assert found.column(audit.REASON).to_pylist() == [None, "process:by_length:ValueError", None, None, None]
    assert found.column(audit.DETAIL).to_pylist() == [None, "even", None, None, None]
    assert found.column("text").to_pylist() == table["text"].to_pylist()


def test_of_rows_that_all_raise_none_is_compared(table_of, context):
    (batch,) = table_of(["ab", "abcd"]).to_batches()
    found = with_keys(NamedStep("by_length", ByLength()), batch, context)
    assert found.column("length").to_pylist() == [None, None]
    assert audit.split(found)[0].num_rows == 0
