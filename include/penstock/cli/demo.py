"""``penstock demo``: one day of a real flow through Airflow, watched, explained, and safe to interrupt."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli.demo_run import DemoRun
from penstock.cli.output import JsonFlag, console, print_json
from penstock.cli.places import known_datasets
from penstock.days import parse_run_key
from penstock.errors import PenstockError, RecipeError
from penstock.locations import Locations, locate

if TYPE_CHECKING:
    from rich.console import Console

    from penstock.ledger import Ledger
    from penstock.ledger.views import RunDetail

DATASET, RUN_KEY = "opinion_text", "2026-11-16"
_LEASE_WAIT_S = 6


def demo(
    *,
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="The flow.")] = DATASET,
    run_key: Annotated[str, typer.Option("--run-key", "-k", help="The day (YYYY-MM-DD).")] = RUN_KEY,
    as_json: JsonFlag = False,
) -> None:
    r"""Run one day of a flow for real, through Airflow, and show what it did and what to try next.

    Run twice, it changes nothing the second time; interrupted, the next run goes on.

    \b
    Example:  penstock demo
              penstock demo --dataset airport_weather --run-key 2013-02-12
    """
    from penstock.cli import demo_report

    parse_run_key(run_key)
    locations = locate()
    _check_dataset(locations, dataset)
    out = console(stderr=as_json)
    with ended_by_signals(), _alone(locations, dataset, run_key):
        done = run_flow(locations, dataset, run_key, out, quiet=as_json)
    if as_json:
        print_json(demo_report.as_dict(done))
    else:
        demo_report.print_report(out, locations, done)
    if done.failure:
        raise typer.Exit(1)


def run_flow(
    locations: Locations, dataset: str, run_key: str, out: Console, *, quiet: bool = False
) -> DemoRun:
    """Prepare this machine, run the flow for a day and return what happened.

    Raises:
        PenstockError: the machine could not be prepared.
    """
    from penstock.cli.flow_process import FlowProcess, airflow_command
    from penstock.cli.progress import Progress
    from penstock.services.environment import Places, build_environment
    from penstock.services.prepare import prepare

    places = Places(locations.root, locations.home)
    done = DemoRun(dataset, run_key, locations.logs / f"demo-{dataset}-{run_key}.log")
    out.print(f"{dataset}, {run_key}: everything goes to {locations.home}; log: {done.log}")
    began = time.monotonic()
    prepare(places, lambda line: None if quiet else out.print(line))
    done.setup_s = time.monotonic() - began
    ledger = locations.ledger()
    done.since = datetime.now(UTC)
    began = time.monotonic()
    environment = build_environment(places)
    command = airflow_command(dataset, run_key)
    flow = FlowProcess(command, environment=environment, log=done.log, folder=locations.root)
    with flow, _warm_spark(locations, done):
        progress = Progress(ledger, dataset, run_key, since=done.since)
        try:
            progress.watch(out, lambda: flow.exit_code() is not None, quiet=quiet)
        except KeyboardInterrupt:
            out.print("interrupted: Airflow is being ended, its attempt is taken back (some seconds)")
            raise
        done.exit_code = flow.exit_code() or 0
        done.airflow_s = time.monotonic() - began
    done.detail = _detail(ledger, done)
    return done


def _check_dataset(locations: Locations, dataset: str) -> None:
    if not (locations.dags / f"{dataset}.py").is_file():
        known = ", ".join(known_datasets(locations)) or f"none in {locations.recipes}"
        message = (
            f"demo: expected the name of a flow ({known}), got {dataset!r}: no {locations.dags / dataset}.py"
        )
        raise RecipeError(message)


def _detail(ledger: Ledger, done: DemoRun) -> RunDetail | None:
    from penstock.ledger import views

    return views.run(ledger, done.dataset, done.run_key)


@contextmanager
def _alone(locations: Locations, dataset: str, run_key: str) -> Iterator[None]:
    """Refuse a second demo of the same day: both would write one log and tell each other's progress."""
    from penstock.services.locks import hold_lock

    with hold_lock(locations.home / "run" / f"demo-{dataset}-{run_key}.lock", timeout_s=0):
        yield


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Treat a request to end, and a terminal that closes, as Ctrl-C: everything that was started is ended."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # a shell's & has Python ignore the first
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _warm_spark(locations: Locations, done: DemoRun) -> Iterator[None]:
    """Start Spark while Airflow imports (store asks its tables in any case); let go of it at the end."""
    from penstock.services import spark_server

    if locations.spark_remote:
        yield
        return

    def start() -> None:
        began = time.monotonic()
        was_running = spark_server.find_running(locations.home) is not None
        try:
            spark_server.ensure_running(locations.home)
        except PenstockError:
            return  # the task that needs Spark meets the same trouble and tells it
        done.spark_start_s = 0.0 if was_running else time.monotonic() - began

    starter = threading.Thread(target=start, name="spark-start", daemon=True)
    starter.start()
    try:
        yield
    finally:
        spark_server.release(locations.home)
        starter.join(0.1)
        if starter.is_alive():
            starter.join(_LEASE_WAIT_S)
            spark_server.release(locations.home)
