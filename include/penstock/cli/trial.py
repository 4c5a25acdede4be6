"""``penstock try``: a recipe on a sample, in seconds, without publishing anything."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.output import JsonFlag, console, print_json
from penstock.days import parse_run_key
from penstock.errors import ContractError, PenstockError
from penstock.locations import Locations, locate, parse_connection

if TYPE_CHECKING:
    import pyarrow as pa
    from pydantic import SecretStr
    from pyspark.sql import SparkSession

    from penstock.lake import Lake
    from penstock.process.plan import FramePass
    from penstock.process.step import Context, FrameContext, ModelRef
    from penstock.recipe import Recipe
    from penstock.report.raw_sample import RawSample
    from penstock.report.trial import Tell, Tried

SPARK_TIMEOUT_S = 180
_Gate = Callable[["pa.Table", "SparkSession"], tuple["pa.Table", dict[str, int]]]


def try_recipe(  # noqa: PLR0913 - the options of the command
    dataset: Annotated[str, typer.Argument(help="The dataset whose recipe and raw rows are tried.")],
    *,
    day: Annotated[
        str | None,
        typer.Option("--day", "-k", help="The day (YYYY-MM-DD; default: the newest with raw rows)."),
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="Rows to try.")] = 1000,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="KEY=VALUE of the recipe; may be given again.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="A step to leave out; may be given again.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Another recipe file for this dataset.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other rows.")] = 0,
    examples: Annotated[int, typer.Option(min=0, max=100, help="Examples of each reason.")] = 2,
    with_spark: Annotated[
        bool, typer.Option("--with-spark", help="Start Spark for frame steps if no server runs.")
    ] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="Judge the rows that are left, as validate does.")
    ] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Without raw rows: bring the day into a temporary lake first.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    r"""Run a recipe's steps on a sample of raw rows and show what leaves, why, and how long each step takes.

    Nothing is published. --set takes a path, or process.PARAMETER when one step alone has it.

    \b
    Example:  penstock try opinion_text --sample 1000 --set process.min_chars=30
              penstock try opinion_text --without bert --set process.steps.language.min_score=0.8
              penstock try opinion_text --file /tmp/stricter.yaml --seed 7 --json
    """
    from penstock.cli.trial_report import print_trial
    from penstock.report.overrides import load_with

    locations = locate()
    path = file or locations.recipes / f"{dataset}.yaml"
    recipe = load_with(path, settings or (), without=without or ())
    _check_dataset(recipe, dataset, path)
    places = TrialPlaces(locations, with_spark=with_spark, gate=gate)
    told = [*(settings or ()), *(f"without {name}" for name in without or ())]
    with (
        places.sampled(recipe, day, sample, seed=seed, fetch=fetch) as (run_key, chosen),
        progress(as_json) as tell,
    ):
        tried = places.run(recipe, run_key, chosen, settings=told, seed=seed, examples=examples, tell=tell)
    if as_json:
        print_json(tried.trial)
    else:
        print_trial(console(), tried.trial)


class TrialPlaces:
    """Where a trial takes its rows from, and what it may use: read only, but for a temporary lake of its own."""

    def __init__(self, locations: Locations, *, with_spark: bool = False, gate: bool = False) -> None:
        self.locations, self.with_spark, self.gate = locations, with_spark, gate
        self._session: SparkSession | None = None

    @contextmanager
    def sampled(
        self, recipe: Recipe, day: str | None, size: int, *, seed: int, fetch: bool = False
    ) -> Iterator[tuple[str, RawSample]]:
        """Yield the day and its sample; ``fetch`` brings a day that has no raw rows into a temporary lake."""
        from penstock.manifest import Zone
        from penstock.report.raw_sample import sample_raw

        if day is not None:
            parse_run_key(day)
        try:
            lake = self.locations.lake()
            known = lake.run_keys(Zone.RAW, recipe.dataset)
            wanted = day or (known[-1] if known else None)
            if wanted in known:
                manifest = lake.manifest(Zone.RAW, recipe.dataset, str(wanted))
                yield str(wanted), sample_raw(lake, manifest, size, seed=seed)
                return
            run_key = wanted or recipe.start.isoformat()
            if not fetch:
                raise ContractError(_no_raw(recipe.dataset, run_key, known))
            with tempfile.TemporaryDirectory(prefix="penstock-try-") as folder:
                lake = _fetch(recipe, run_key, folder)
                manifest = lake.manifest(Zone.RAW, recipe.dataset, run_key)
                yield run_key, sample_raw(lake, manifest, size, seed=seed)
        finally:
            if self._session is not None:
                self._session.stop()

    def run(
        self,
        recipe: Recipe,
        run_key: str,
        chosen: RawSample,
        *,
        settings: list[str],
        seed: int,
        examples: int,
        tell: Tell,
    ) -> Tried:
        """Try a recipe on rows that were chosen; what steps leave on their way lies in a folder that is then gone."""
        from penstock.process.plan import check_columns
        from penstock.report.trial import Bench, try_steps

        section = recipe.process
        check_columns(
            section.steps,
            chosen.rows.column_names,
            where=f"recipe {recipe.dataset}",
            text_column=section.text_column,
        )
        models, notes = self._models(recipe, run_key)
        with tempfile.TemporaryDirectory(prefix="penstock-try-") as folder:
            context, frames = self._contexts(recipe, run_key, models, folder)
            bench = Bench(recipe, context, spark=self._spark(), examples=examples, tell=tell, frames=frames)
            tried = try_steps(
                replace(bench, gate=self._judge(recipe, run_key)),
                chosen.rows,
                settings=tuple(settings),
                seed=seed,
                rows_of_day=chosen.rows_of_day,
            )
        tried.trial = tried.trial.model_copy(update={"notes": (*notes, *tried.trial.notes)})
        return tried

    def _contexts(
        self, recipe: Recipe, run_key: str, models: dict[str, ModelRef], folder: str
    ) -> tuple[Context, Callable[[FramePass], FrameContext]]:
        """Return what steps may know: as in the process stage, with an attempt in a lake of the trial's own."""
        from penstock.lake import Lake
        from penstock.manifest import Zone
        from penstock.process import worker_files
        from penstock.process.plan import needed_secrets
        from penstock.process.step import Context, FrameContext, lake_secrets

        section, lake = recipe.process, Lake(f"file://{folder}/lake")
        attempt = lake.attempt(Zone.CLEAN, recipe.dataset, run_key, "try")
        files = worker_files.prepare(section.steps, worker_files.reader_of(self.locations.lake()))
        context = Context(
            dataset=recipe.dataset,
            run_key=run_key,
            text_column=section.text_column,
            max_token_chars=section.max_token_chars,
            models=models,
            secrets={name: _secret(recipe.dataset, name) for name in needed_secrets(section.steps)}
            | lake_secrets(self.locations.lake_options),
            files=worker_files.leave(files, attempt),
        )
        for step in section.steps:
            step.check(context)

        def frames(frame_pass: FramePass) -> FrameContext:
            return FrameContext(run=context, attempt=attempt, state=frame_pass.step.state(lake, context))

        return context, frames

    def _models(self, recipe: Recipe, run_key: str) -> tuple[dict[str, ModelRef], list[str]]:
        """Return the trained models that the steps ask for, as a run of that day would choose them."""
        from penstock.process.plan import needed_models
        from penstock.process.step import ModelRef

        found: dict[str, ModelRef] = {}
        notes = []
        wanted = needed_models(recipe.process.steps)
        path = self.locations.ledger_file
        is_there = bool(wanted) and (path is None or path.is_file())
        ledger = self.locations.ledger() if is_there else None
        for name in wanted:
            row = ledger.newest_model(name, before=run_key) if ledger else None
            if row is None:
                notes.append(
                    f"no accepted model of {name} is older than {run_key}: the step works without it"
                )
            else:
                keys = ("version", "uri", "sha256")
                found[name] = ModelRef(name=name, **{key: row[key] for key in keys})
        return found, notes

    def _spark(self) -> Callable[[], SparkSession] | None:
        """Return what opens a session of the server that runs, or may be started; ``None`` without one."""
        from penstock.services.spark_server import ensure_running, find_running

        remote = self.locations.spark_remote
        if remote is None and self.with_spark:
            remote = ensure_running(self.locations.home, timeout_s=SPARK_TIMEOUT_S)
        if remote is None:
            remote = find_running(self.locations.home)
        return None if remote is None else lambda: self._open(remote)

    def _open(self, remote: str) -> SparkSession:
        from penstock.jobs.session import connect

        if self._session is None:
            self._session = connect(remote)
        return self._session

    def _judge(self, recipe: Recipe, run_key: str) -> _Gate | None:
        """Return the gate's row-level promises as a function of rows and session."""
        if not self.gate:
            return None
        from penstock.report.trial_gate import judge_rows
        from penstock.validate.promises import load

        promises = load(self.locations.expectations / f"{recipe.dataset}.yaml")
        return lambda rows, spark: judge_rows(rows, spark, promises, run_key)


@contextmanager
def progress(quiet: bool) -> Iterator[Tell]:
    """Yield what shows a trial's progress: a bar on a terminal, nothing in a pipe."""
    err = console(stderr=True)
    if quiet or not err.is_terminal:
        with nullcontext():
            yield lambda *_: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("reading rows", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def _secret(dataset: str, name: str) -> SecretStr:
    """Return the password of a connection in the environment (``AIRFLOW_CONN_…`` or the name in capitals)."""
    from pydantic import SecretStr

    variable = f"AIRFLOW_CONN_{name.upper()}"
    given = os.environ.get(variable)
    value = parse_connection(given, where=variable).password if given else os.environ.get(name.upper())
    if not value:
        message = (
            f"try {dataset}: expected a key in {name.upper()} or {variable}, found none: a step makes pseudonyms with "
            "it; set one (any text will do for a trial), or leave the step out with --without"
        )
        raise PenstockError(message)
    return SecretStr(value)


def _check_dataset(recipe: Recipe, dataset: str, path: Path) -> None:
    if recipe.dataset != dataset:
        message = (
            f"try: expected a recipe of {dataset}, got one of {recipe.dataset} ({path}); name that dataset"
        )
        raise PenstockError(message)


def _no_raw(dataset: str, run_key: str, known: list[str]) -> str:
    there = f"there are raw rows of {', '.join(known[-3:])}" if known else "no day has raw rows yet"
    return (
        f"try {dataset}: expected raw rows of {run_key}, found none ({there}); run the flow first: "
        f"bin/airflow dags test {dataset} {run_key}, or bring them into a temporary lake: "
        f"penstock try {dataset} --day {run_key} --fetch"
    )


def _fetch(recipe: Recipe, run_key: str, folder: str) -> Lake:
    """Ingest and transfer a day into a lake that is thrown away afterwards."""
    from penstock.ingest.stage import ingest
    from penstock.lake import Lake
    from penstock.ledger import Ledger
    from penstock.stage import Run
    from penstock.transfer.stage import transfer

    lake = Lake(f"file://{folder}/lake")
    run = Run(recipe=recipe, run_key=run_key, lake=lake, ledger=Ledger(f"sqlite:///{folder}/ledger.db"))
    typer.echo(f"bringing {recipe.dataset} {run_key} into a temporary lake", err=True)
    ingest(run)
    transfer(run)
    return lake
