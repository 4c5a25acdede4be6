"""Run native steps over the texts of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from penstock.process.document import Document, Drop
from penstock.process.step import NativeStep, Verdicts
from penstock.process.texts import Texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from penstock.text.kernel.program import Outcome, Program, Rule

    Array = np.ndarray[Any, Any]

MAX_BYTES = (1 << 31) - 1
"""Places of words are 32 bits wide; Arrow's own strings, too."""

Named = tuple[str, NativeStep]


class Leaving(NamedTuple):
    """A document that leaves: which, at which step, and why."""

    row: int
    step: str
    verdict: Drop | Exception


class NativeSegment:
    """Adjacent native steps of a pass; what they need is built once and serves all batches."""

    def __init__(self, steps: Sequence[Named]) -> None:
        self.parts = [
            _Rules(list(group)) if has_rules else _Computed(list(group))
            for has_rules, group in groupby(steps, key=lambda named: bool(named[1].rules()))
        ]

    def run(self, texts: Texts, alive: Array, columns: dict[str, pa.Array]) -> Iterator[Leaving]:
        """Run the steps; change texts and ``alive``, set columns, and yield who leaves."""
        import numpy as np

        for index in np.flatnonzero(alive & ~texts.is_within(MAX_BYTES)):
            alive[index] = False
            size = int(texts.stops[index] - texts.starts[index])
            error = OverflowError(
                f"expected a text of at most {MAX_BYTES} bytes, got {size}; split it before"
            )
            yield Leaving(int(index), self.parts[0].steps[0][0], error)
        for part in self.parts:
            yield from part.run(texts, alive, columns)


class _Computed:
    def __init__(self, steps: Sequence[Named]) -> None:
        self.steps = steps

    def run(self, texts: Texts, alive: Array, columns: dict[str, pa.Array]) -> Iterator[Leaving]:
        for _, step in self.steps:
            columns.update(step.compute(texts, alive))
        yield from ()


class _Rules:
    def __init__(self, steps: Sequence[Named]) -> None:
        from penstock.text.kernel.program import Program

        self.steps = steps
        self.owner: list[int] = []
        rules: list[Rule] = []
        for number, (_, step) in enumerate(steps):
            rules += step.rules()
            self.owner += [number] * len(step.rules())
        self.program: Program = Program(rules)

    def run(self, texts: Texts, alive: Array, columns: dict[str, pa.Array]) -> Iterator[Leaving]:
        import numpy as np

        found = self.program.run(texts.data, texts.starts, texts.stops, alive)
        left = np.flatnonzero(found.step >= 0)
        rows = zip(left.tolist(), found.step[left].tolist(), found.reason[left].tolist(), found.value[left].tolist(),
                   strict=True)  # fmt: skip
        for index, rule, code, value in rows:
            name, step = self.steps[self.owner[rule]]
            yield Leaving(index, name, Drop(step.reason(code), None if value != value else value))  # noqa: PLR0124
        self._set_columns(found, columns)
        alive[left] = False
        texts.replace(found.text, found.new_starts, found.new_stops)

    def _set_columns(self, found: Outcome, columns: dict[str, pa.Array]) -> None:
        import numpy as np
        import pyarrow as pa

        for number, (_, step) in enumerate(self.steps):
            first = self.owner.index(number)
            for name, (rule, metric) in step.metric_columns().items():
                values = np.ascontiguousarray(found.metrics[:, first + rule, metric])
                columns[name] = pa.array(values, mask=np.isnan(values))


def apply_to_documents(step: NativeStep, documents: Sequence[Document]) -> Verdicts:
    """Show documents that are Python objects to a native step."""
    import numpy as np
    import pyarrow as pa

    texts = Texts(pa.array([document.text for document in documents], type=pa.large_string()))
    alive, columns = np.ones(len(documents), dtype=np.bool_), dict[str, Any]()
    verdicts: list[Drop | Exception | None] = [None] * len(documents)
    for leaving in NativeSegment([("", step)]).run(texts, alive, columns):
        verdicts[leaving.row] = leaving.verdict
    for name, values in columns.items():
        for document, value in zip(documents, values.to_pylist(), strict=True):
            document[name] = value
    if texts.is_changed:
        for index, document in enumerate(documents):
            document.text = texts.text(index) or ""
    return verdicts
