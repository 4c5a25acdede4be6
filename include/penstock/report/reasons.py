"""Why rows left, by step and reason: how many, what was measured, which limit they went beyond, and examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.params import Params
from penstock.process import audit
from penstock.report import thresholds
from penstock.report.sample import Sample
from penstock.report.shown import show, show_line, show_row
from penstock.report.steps import named_steps
from penstock.report.thresholds import Threshold

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.recipe import Recipe

NAME_CHARS = 120
VALUES = 2_000
"""Measured values that are kept of each reason."""


class Example(Params):
    """A row as it may be shown; ``value`` and ``detail`` are what the step said of it."""

    doc_id: str
    text: str
    value: float | None = None
    detail: str = ""


class Reason(Params):
    """Rows that left at one step for one reason.

    ``values`` are some of the measured ones, in order; ``spread`` is the least, the middle and the greatest of them.
    """

    step: str
    reason: str
    rows: int
    share: float
    is_failure: bool = False
    values: tuple[float, ...] = Field(default=(), exclude=True, repr=False)
    spread: tuple[float, float, float] | None = None
    limit: Threshold | None = None
    examples: tuple[Example, ...] = ()


class Reasons:
    """Counts rows that left, table by table, and keeps a sample of each reason."""

    def __init__(self, *, text_column: str, examples: int, seed: int = 0) -> None:
        self.text_column, self.examples, self.seed = text_column, examples, seed
        self._rows: dict[tuple[str, str], int] = {}
        self._samples: dict[tuple[str, str], Sample] = {}
        self._values: dict[tuple[str, str], Sample] = {}

    def add(self, rows: pa.Table) -> None:
        """Take in rows with the audit columns; those that are still in the flow do not count."""
        import pyarrow.compute as pc

        left = rows.filter(pc.is_valid(rows[audit.REASON]))
        pairs = left.group_by([audit.STEP, audit.REASON]).aggregate([([], "count_all")]).to_pylist()
        for pair in pairs:
            key = (str(pair[audit.STEP]), str(pair[audit.REASON]))
            own = left.filter(
                pc.and_(
                    pc.equal(left[audit.STEP], pair[audit.STEP]),
                    pc.equal(left[audit.REASON], pair[audit.REASON]),
                )
            )
            self._rows[key] = self._rows.get(key, 0) + own.num_rows
            self._samples.setdefault(key, Sample(self.examples, seed=self.seed)).add(own)
            measured = own.select([n for n in ("doc_id", audit.VALUE) if n in own.column_names])
            self._values.setdefault(key, Sample(VALUES, seed=self.seed)).add(measured)

    def found(self, recipe: Recipe | None, *, rows_in: int) -> tuple[Reason, ...]:
        """Return the reasons in the order of the recipe's steps, most rows first within one."""
        named = {step.name: step for step in named_steps(recipe.process.steps)} if recipe else {}
        order = list(named)
        made = []
        for (step, reason), rows in self._rows.items():
            values = _numbers(self._values[step, reason].rows())
            limit = thresholds.for_reason(named[step], reason, values) if step in named else None
            made.append(
                Reason(
                    step=show_line(step, NAME_CHARS),
                    reason=show_line(reason, NAME_CHARS),
                    rows=rows,
                    share=rows / rows_in if rows_in else 0.0,
                    is_failure=reason.startswith(audit.ERROR_PREFIX),
                    values=values,
                    spread=(values[0], values[len(values) // 2], values[-1]) if values else None,
                    limit=limit,
                    examples=tuple(self._examples(step, reason)),
                )
            )
        made.sort(key=lambda r: (order.index(r.step) if r.step in order else len(order), -r.rows, r.reason))
        return tuple(made)

    def _examples(self, step: str, reason: str) -> Iterable[Example]:
        rows = self._samples[step, reason].rows()
        for row in rows.to_pylist() if rows is not None else ():
            yield example_of(row, self.text_column)


def reasons_of(rows: pa.Table, recipe: Recipe, *, text_column: str, examples: int) -> tuple[Reason, ...]:
    """Return why rows of one table left."""
    reasons = Reasons(text_column=text_column, examples=examples)
    reasons.add(rows)
    return reasons.found(recipe, rows_in=rows.num_rows)


def example_of(row: Mapping[str, Any], text_column: str) -> Example:
    """Return a row as it may be shown: its text, or its values when it has none."""
    text = row.get(text_column)
    without = (*audit.COLUMNS, "doc_id", text_column, "raw", "failed_expectations")
    shown = show(text) if isinstance(text, str) and text.strip() else show_row(row, without=without)
    value = row.get(audit.VALUE)
    return Example(
        doc_id=show_line(row.get("doc_id"), 40),
        text=shown,
        value=value if isinstance(value, float) else None,
        detail=show_line(row.get(audit.DETAIL), 120),
    )


def _numbers(rows: pa.Table | None) -> tuple[float, ...]:
    import math

    if rows is None:
        return ()
    found = [value for value in rows[audit.VALUE].to_pylist() if value is not None and math.isfinite(value)]
    return tuple(sorted(found))
