"""Stage 3, process: raw rows through the recipe's steps into the clean zone.

Everything is computed once: rows that are done lie in files of their outcome, which are then taken into the zones of
clean, dropped and quarantined rows. What is counted is what lies in those files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from penstock.lake import Attempt
from penstock.manifest import FileEntry, Manifest, Zone
from penstock.model.artefact import read_checked
from penstock.parquet_stream import ParquetStream
from penstock.process import audit, worker_files
from penstock.process.engine import engine_errors
from penstock.process.flow import FileRows, FrameRows, rows_of
from penstock.process.pii import sample
from penstock.process.pii.action import key_of
from penstock.process.plan import (
    DocumentPass,
    FramePass,
    build_passes,
    check_columns,
    needed_models,
    needed_secrets,
)
from penstock.process.step import SCRATCH, CompareStep, Context, FrameContext, ModelRef, lake_secrets
from penstock.process.stretch import Zones
from penstock.receipt import Outcome, Receipt, Stage
from penstock.stage import Run, StageSpec, perform

if TYPE_CHECKING:
    import pyarrow as pa

MASKED_COLUMN = "masked"
_ROWS = "rows"
_ZONES = {audit.KEPT: Zone.CLEAN, audit.DROPPED: Zone.DROPPED, audit.FAILED: Zone.QUARANTINE}


def process(run: Run) -> Receipt:
    """Run the recipe's steps over the day's raw rows.

    A document on which a step raises goes to quarantine under ``process:<step>:<name of the exception>``.

    Raises:
        RecipeError: when a step reads a column that is not there, or is not installed where Spark's Python runs.
        SourceError: when the Spark server is lost half way, or the lake is full.
        ContractError: when the raw zone is missing, or its bytes or those of a model were changed.
    """
    raw = run.upstream(Zone.RAW)
    section = run.recipe.process
    models = _models(run)
    secrets = {name: run.secret(name) for name in needed_secrets(section.steps)}
    keys = {name: key_of(secret.get_secret_value(), name).id for name, secret in secrets.items()}
    files = worker_files.prepare(section.steps, worker_files.reader_of(run.lake))
    context = Context(
        dataset=run.recipe.dataset,
        run_key=run.run_key,
        text_column=section.text_column,
        max_token_chars=section.max_token_chars,
        models=models,
        secrets=secrets | lake_secrets(run.lake.options),
    )
    extra: dict[str, Any] = {}
    states = _states(run, context)
    spec = StageSpec(
        stage=Stage.PROCESS,
        zone=Zone.CLEAN,
        parents=(raw,),
        inputs={
            **section.inputs(),
            "models": {name: [ref.version, ref.sha256] for name, ref in models.items()},
            **({"keys": keys} if keys else {}),
            **({"files": worker_files.digests(files)} if files else {}),
            **({"state": states} if states else {}),
        },
        extra=lambda: extra,
    )

    def work(attempt: Attempt, _: str) -> Outcome:
        return _work(run, raw, _with_files(context, files, attempt), attempt, extra, states)

    return perform(run, spec, work)


def _with_files(context: Context, files: Mapping[str, bytes], attempt: Attempt) -> Context:
    return context.model_copy(update={"files": worker_files.leave(files, attempt)})


def _states(run: Run, context: Context) -> dict[str, Mapping[str, Any]]:
    """Return, by the names of the steps, what of the lake they depend on besides the raw rows."""
    passes = build_passes(run.recipe.process.steps, context)
    steps = [step_pass for step_pass in passes if isinstance(step_pass, FramePass)]
    states = {step.named.name: step.step.state(run.lake, context) for step in steps}
    return {name: state for name, state in states.items() if state}


def _models(run: Run) -> dict[str, ModelRef]:
    """Return the models that the steps ask for: of each the newest accepted one that is older than the day."""
    found: dict[str, ModelRef] = {}
    for name in needed_models(run.recipe.process.steps):
        row = run.ledger.newest_model(name, before=run.run_key)
        if row is not None:
            found[name] = ModelRef(name=name, version=row["version"], uri=row["uri"], sha256=row["sha256"])
    return found


def _work(
    run: Run,
    raw: Manifest,
    context: Context,
    attempt: Attempt,
    extra: dict[str, Any],
    states: Mapping[str, Mapping[str, Any]],
) -> Outcome:
    steps = run.recipe.process.steps
    missing = [name for name in needed_models(steps) if name not in context.models]
    notes = [
        f"no accepted model of {name} is older than this day: published without the class" for name in missing
    ]
    for model in context.models.values():  # here, once: on an executor each document would fail on its own
        read_checked(model.uri, model.sha256, context.lake_options())
    for step in steps:
        step.check(context)
    frames = FrameContext(run=context, attempt=attempt, extra=extra, notes=notes)
    written: Collection[str] = ()
    if raw.entries():
        with engine_errors(f"{run.recipe.dataset} {run.run_key} process"):
            zones = Zones(run.lake, attempt.path(_ROWS), context.text_column)
            written = _transformed(run, raw, frames, states, zones).write(run.recipe.process.output_files)
    entries = {
        outcome: attempt.adopt(f"{_ROWS}/{audit.OUTCOME}={outcome}", zone=zone, only=written)
        for outcome, zone in _ZONES.items()
    }
    for folder in (_ROWS, SCRATCH):
        run.lake.remove(attempt.path(folder))
    if finds := sample.collect(run.lake, [*entries[audit.KEPT], *entries[audit.DROPPED]]):
        frames.details["pii_sample"] = {"file": sample.write(attempt, finds), "finds": len(finds)}
    return _count(run, raw, context, entries, frames)


def _transformed(
    run: Run, raw: Manifest, frames: FrameContext, states: Mapping[str, Mapping[str, Any]], zones: Zones
) -> FileRows | FrameRows:
    """Return the day's rows after all steps, tagged."""
    spark, steps = run.session(), run.recipe.process.steps
    rows = rows_of(spark, run.lake, [entry.path for entry in raw.entries()], zones)
    where = f"recipe {run.recipe.dataset}"
    check_columns(steps, rows.columns, where=where, text_column=frames.run.text_column)
    passes = build_passes(steps, frames.run)
    for number, step_pass in enumerate(passes, start=1):
        if isinstance(step_pass, DocumentPass):
            rows = rows.run(step_pass)
            continue
        own = replace(frames, state=states.get(step_pass.named.name, {}))
        if isinstance(step_pass.step, CompareStep):
            rows = rows.compare(step_pass.named, own, passes[number:])
        else:
            rows = FrameRows(step_pass.step.transform(rows.frame(), own), zones)
    return rows


def _count(
    run: Run,
    raw: Manifest,
    context: Context,
    entries: dict[str, list[FileEntry]],
    frames: FrameContext,
) -> Outcome:
    kept = sum(entry.rows or 0 for entry in entries[audit.KEPT])
    masked = _masked(run, entries[audit.KEPT])
    long_texts = _long_texts(run, context, entries[audit.KEPT])
    notes = list(frames.notes)
    if long_texts:
        notes.append(
            f"of {long_texts} texts, words were found in the first {context.max_token_chars} characters only"
        )
    if raw.outcome.rows_out and not kept:
        notes.append("every row of the day left the flow")
    details: dict[str, Any] = {
        **frames.details,
        "models": {n: ref.version for n, ref in context.models.items()},
    }
    if masked:
        details["masked"] = masked
    return Outcome(
        rows_in=raw.outcome.rows_out,
        rows_out=kept,
        bytes_in=raw.bytes,
        dropped=_reasons(run, entries[audit.DROPPED]),
        quarantined=_reasons(run, entries[audit.FAILED]),
        notes=tuple(notes),
        details=details,
    )


def _columns(run: Run, entries: Sequence[FileEntry], name: str) -> Iterator[pa.ChunkedArray]:
    """Yield one column of each file that has it, a row group at a time."""
    for entry in entries:
        with run.lake.open(entry.path) as stream:
            file = ParquetStream(stream)
            if name in file.schema.names:
                for group in range(file.groups):
                    yield file.group(group, columns=[name])[name]


def _reasons(run: Run, entries: Sequence[FileEntry]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for column in _columns(run, entries, audit.REASON):
        counts.update(column.to_pylist())
    return dict(sorted(counts.items()))


def _masked(run: Run, entries: Sequence[FileEntry]) -> dict[str, int]:
    """Return how often each kind of personal data was masked in the kept rows."""
    counts: Counter[str] = Counter()
    for column in _columns(run, entries, MASKED_COLUMN):
        for pairs in column.to_pylist():
            counts.update(dict(pairs or ()))
    return dict(sorted(counts.items()))


def _long_texts(run: Run, context: Context, entries: Sequence[FileEntry]) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = 0
    for column in _columns(run, entries, context.text_column):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            longer = pc.sum(pc.greater(pc.utf8_length(column), context.max_token_chars)).as_py()
            found += int(longer or 0)
    return found
