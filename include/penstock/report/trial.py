"""Try a recipe's steps on a few rows in this process: nothing is published, everything is counted.

Document steps run here, in the fused pass that the executors run; frame steps want a Spark session, and are said to
be skipped without one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from penstock.params import Params
from penstock.process import audit
from penstock.process.document_pass import PassRunner, output_schema
from penstock.process.engine import engine_errors
from penstock.process.plan import DocumentPass, FramePass, NamedStep, build_passes
from penstock.process.step import Context, DocumentStep, FrameContext, NativeStep, Verdicts
from penstock.report.reasons import Reason, reasons_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

    from penstock.process.document import Document
    from penstock.process.texts import Texts
    from penstock.recipe import Recipe

PASS_ROWS = 128
"""Rows that go through a pass together here: few, so that progress is seen."""

WARM_UP_ROWS = 32
"""Enough that some reach the last steps."""

NO_SPARK = "no Spark server runs here; --with-spark starts one"
Tell = Callable[[str, int, int], None]
"""Told what runs now, the rows that are through it and all of its rows."""


class StepRun(Params):
    """What a step did to the sample; ``seconds`` without the loading of models, ``None`` when not measured alone."""

    step: str
    kind: Literal["document", "frame", "gate"]
    rows_in: int
    rows_out: int
    dropped: int = 0
    failed: int = 0
    seconds: float | None = None
    skipped: str | None = None


class Trial(Params):
    """A recipe on a sample of a day: where the rows went, why, and how long each step took (seconds)."""

    dataset: str
    run_key: str
    recipe_hash: str
    settings: tuple[str, ...] = ()
    seed: int = 0
    rows_of_day: int = 0
    rows_in: int
    rows_out: int
    dropped: int
    failed: int
    seconds: float
    load_seconds: float = 0.0
    steps: tuple[StepRun, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)


@dataclass
class Tried:
    """A trial with its rows: each that came in, tagged with why it left."""

    trial: Trial
    rows: pa.Table


@dataclass
class Bench:
    """What a trial works with: ``spark`` opens a session or is ``None``; ``gate`` judges the rows that are left."""

    recipe: Recipe
    context: Context
    spark: Callable[[], SparkSession] | None = None
    no_spark: str = NO_SPARK
    gate: Callable[[pa.Table, SparkSession], tuple[pa.Table, dict[str, int]]] | None = None
    examples: int = 2
    tell: Tell = lambda *_: None
    frames: Callable[[FramePass], FrameContext] | None = None


def try_steps(bench: Bench, rows: pa.Table, **facts: Any) -> Tried:
    """Run the steps of the bench's recipe over ``rows``; ``facts`` go into the trial as they are.

    Raises:
        RecipeError: when a step reads a column that is not there.
    """
    return _Trial(bench, rows).run(facts)


@dataclass
class _Trial:
    bench: Bench
    rows: pa.Table
    runs: list[StepRun] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    load_seconds: float = 0.0
    missing: set[str] = field(default_factory=set)
    """Columns that skipped steps would have made."""

    def run(self, facts: Mapping[str, Any]) -> Tried:
        started = time.perf_counter()
        self.rows = _with_audit(self.rows)
        total = self.rows.num_rows
        for each in build_passes(self.bench.recipe.process.steps, self.bench.context):
            if isinstance(each, FramePass):
                self._frame_step(each)
            else:
                self._documents(each)
        self._gate()
        left = Counter(_outcomes(self.rows))
        trial = Trial(
            dataset=self.bench.recipe.dataset,
            run_key=self.bench.context.run_key,
            recipe_hash=self.bench.recipe.digest,
            rows_in=total,
            rows_out=left[audit.KEPT],
            dropped=left[audit.DROPPED],
            failed=left[audit.FAILED],
            seconds=time.perf_counter() - started,
            load_seconds=self.load_seconds,
            steps=tuple(self.runs),
            reasons=reasons_of(
                self.rows,
                self.bench.recipe,
                text_column=self.bench.context.text_column,
                examples=self.bench.examples,
            ),
            notes=tuple(self.notes),
            **facts,
        )
        return Tried(trial, self.rows)

    def _documents(self, document_pass: DocumentPass) -> None:
        """Run the steps of a pass that have their columns; what a step costs is measured from outside of it."""
        runnable = self._runnable(document_pass)
        if runnable:
            timed = DocumentPass(tuple(_timed(named) for named in runnable), document_pass.context)
            runner = PassRunner(timed)
            self._warm_up(runner)
            began = time.perf_counter()
            counts = self._run_pass(runner)
            self._share_out(timed, time.perf_counter() - began)
            self._record(document_pass.steps, timed, counts)
        else:
            self._record(document_pass.steps, None, {})

    def _runnable(self, document_pass: DocumentPass) -> list[NamedStep]:
        """Return the steps that can run; one whose columns a skipped step would have made is skipped too."""
        there, found = set(self.rows.column_names), []
        for named in document_pass.steps:
            needs = {*named.step.reads()} & self.missing - there
            if needs:
                self.missing |= set(named.step.adds()) - there
                continue
            found.append(named)
            there |= set(named.step.adds())
        return found

    def _warm_up(self, runner: PassRunner) -> None:
        """Let a few rows go through, so that models are loaded and compiled before anything is measured."""
        if self.rows.num_rows == 0:
            return
        self.bench.tell("loading models", 0, self.rows.num_rows)
        began = time.perf_counter()
        runner.run(self.rows.slice(0, WARM_UP_ROWS).combine_chunks().to_batches()[0])
        self.load_seconds += time.perf_counter() - began
        for named in runner.document_pass.steps:
            if isinstance(named.step, _Timed):
                named.step.spent.clear()

    def _run_pass(self, runner: PassRunner) -> dict[str, Counter[str]]:
        import pyarrow as pa

        timed, before = runner.document_pass, Counter(_leavers(self.rows))
        parts, done, total = [], 0, self.rows.num_rows
        names = (
            timed.steps[0].name
            if len(timed.steps) == 1
            else f"{timed.steps[0].name} … {timed.steps[-1].name}"
        )
        for batch in self.rows.combine_chunks().to_batches(max_chunksize=PASS_ROWS):
            parts.append(runner.run(batch))
            done += batch.num_rows
            self.bench.tell(names, done, total)
        if parts:
            self.rows = pa.Table.from_batches(parts)
        else:
            self.rows = output_schema(timed, self.rows.schema).empty_table()
        left = Counter(_leavers(self.rows)) - before
        counts: dict[str, Counter[str]] = {}
        for (step, outcome), rows in left.items():
            counts.setdefault(step, Counter())[outcome] += rows
        return counts

    def _share_out(self, timed: DocumentPass, seconds: float) -> None:
        """Say how long the steps of machine code took together: they run as one call, which has one time."""
        native = [named.name for named in timed.steps if not isinstance(named.step, _Timed)]
        if native:
            own = sum(sum(named.step.spent) for named in timed.steps if isinstance(named.step, _Timed))
            rest = max(0.0, seconds - own)
            self.notes.append(
                f"{', '.join(native)} run in machine code, and columns are read and written, in {rest:.2f} s together"
            )

    def _record(
        self, steps: Sequence[NamedStep], timed: DocumentPass | None, counts: Mapping[str, Counter[str]]
    ) -> None:
        """Note what each step of a pass did; what broke while reading is the first step's."""
        ran = {named.name: named.step for named in timed.steps} if timed else {}
        known = set(ran)
        stray = sum((c for name, c in counts.items() if name not in known), Counter[str]())
        for named in steps:
            live = self._live_before(steps[0].name)
            if named.name not in ran:
                self._skip(
                    named, "document", f"reads what a skipped step makes ({', '.join(named.step.reads())})"
                )
                continue
            left = counts.get(named.name, Counter()) + stray
            stray = Counter()
            step = ran[named.name]
            seconds = sum(step.spent) if isinstance(step, _Timed) else None
            self._note(named.name, "document", live, left, seconds)

    def _live_before(self, _first: str) -> int:
        return self.runs[-1].rows_out if self.runs else self.rows.num_rows

    def _note(
        self,
        name: str,
        kind: Literal["document", "frame", "gate"],
        rows_in: int,
        left: Mapping[str, int],
        seconds: float | None,
    ) -> None:
        dropped, failed = left.get(audit.DROPPED, 0), left.get(audit.FAILED, 0)
        run = StepRun(
            step=name,
            kind=kind,
            rows_in=rows_in,
            rows_out=rows_in - dropped - failed,
            dropped=dropped,
            failed=failed,
            seconds=seconds,
        )
        self.runs.append(run)

    def _skip(self, named: NamedStep, kind: Literal["document", "frame"], why: str) -> None:
        live = self.runs[-1].rows_out if self.runs else self.rows.num_rows
        self.runs.append(StepRun(step=named.name, kind=kind, rows_in=live, rows_out=live, skipped=why))
        self.missing |= {name for name in named.step.adds() if name not in self.rows.column_names}

    def _frame_step(self, frame_pass: FramePass) -> None:
        named, bench = frame_pass.named, self.bench
        if bench.spark is None:
            self._skip(named, "frame", bench.no_spark)
            return
        total = self.rows.num_rows
        bench.tell(f"{named.name} on Spark", 0, total)
        before, live = Counter(_leavers(self.rows)), self._live_before(named.name)
        frames = bench.frames(frame_pass) if bench.frames else FrameContext(run=bench.context)
        began = time.perf_counter()
        with engine_errors(f"{bench.recipe.dataset} {bench.context.run_key} {named.name}"):
            frame = bench.spark().createDataFrame(self.rows)
            self.rows = frame_pass.step.transform(frame, frames).toArrow()
        seconds = time.perf_counter() - began
        left = Counter(_leavers(self.rows)) - before
        by_outcome = Counter[str]()
        for (_, outcome), rows in left.items():
            by_outcome[outcome] += rows
        self._note(named.name, "frame", live, by_outcome, seconds)
        bench.tell(f"{named.name} on Spark", total, total)

    def _gate(self) -> None:
        bench = self.bench
        if bench.gate is None:
            return
        live = self._live_before("gate")
        if bench.spark is None:
            self.runs.append(
                StepRun(step="the gate", kind="gate", rows_in=live, rows_out=live, skipped=bench.no_spark)
            )
            return
        bench.tell("the gate on Spark", 0, live)
        began = time.perf_counter()
        with engine_errors(f"{bench.recipe.dataset} {bench.context.run_key} gate"):
            self.rows, broken = bench.gate(self.rows, bench.spark())
        self._note(
            "the gate", "gate", live, {audit.FAILED: sum(broken.values())}, time.perf_counter() - began
        )


class _Timed(DocumentStep):
    """A document step that notes how long each of its batches took (seconds)."""

    inner: Any
    spent: Any

    def reads(self) -> tuple[str, ...]:
        return tuple(self.inner.reads())

    def adds(self) -> Mapping[str, Any]:
        added: Mapping[str, Any] = self.inner.adds()
        return added

    def removes(self) -> tuple[str, ...]:
        return tuple(self.inner.removes())

    def might_match(self, texts: Texts) -> Any:
        began = time.perf_counter()
        found = self.inner.might_match(texts)
        self.spent.append(time.perf_counter() - began)
        return found

    def unmatched(self) -> Mapping[str, object]:
        columns: Mapping[str, object] = self.inner.unmatched()
        return columns

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        began = time.perf_counter()
        try:
            verdicts: Verdicts = self.inner.apply_batch(documents, context)
            return verdicts
        finally:
            self.spent.append(time.perf_counter() - began)


def _timed(named: NamedStep) -> NamedStep:
    """Return the step with a clock; steps in machine code run together and are left as they are."""
    is_native = isinstance(named.step, NativeStep)
    return named if is_native else NamedStep(named.name, _Timed(inner=named.step, spent=[]))


def _with_audit(rows: pa.Table) -> pa.Table:
    import pyarrow as pa

    for column in audit.fields():
        if column.name not in rows.column_names:
            rows = rows.append_column(column, pa.nulls(rows.num_rows, column.type))
    return rows


def _leavers(rows: pa.Table) -> Iterator[tuple[str, str]]:
    """Yield step and outcome of each row that left."""
    steps, reasons = rows[audit.STEP].to_pylist(), rows[audit.REASON].to_pylist()
    for step, reason in zip(steps, reasons, strict=True):
        if step is not None:
            yield step, audit.FAILED if (reason or "").startswith(audit.ERROR_PREFIX) else audit.DROPPED


def _outcomes(rows: pa.Table) -> Iterator[str]:
    left = list(_leavers(rows))
    yield from (outcome for _, outcome in left)
    yield from [audit.KEPT] * (rows.num_rows - len(left))
