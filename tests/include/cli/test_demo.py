"""One day of a flow, watched and explained."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from penstock.cli import demo, demo_report
from penstock.cli.demo_run import DemoRun
from penstock.errors import ContractError, PenstockError
from penstock.ledger import views
from penstock.locations import locate
from penstock.receipt import Stage, Verdict

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def done_by(flow: Any, *, since: datetime = LONG_AGO, exit_code: int = 0) -> DemoRun:
    done = DemoRun("notes", "2026-11-16", Path(flow.home) / "demo.log", exit_code=exit_code, since=since)
    done.setup_s, done.airflow_s = 1.0, 20.0
    done.detail = views.run(flow.ledger, "notes", "2026-11-16")
    return done


def report(done: DemoRun) -> str:
    out = io.StringIO()
    demo_report.print_report(Console(file=out, width=180, markup=False, highlight=False), locate(), done)
    return out.getvalue()


@pytest.mark.usefixtures("project")
class TestReport:
    """What is said at the end."""

    def test_a_good_run_has_its_table_its_times_and_what_to_try_next(self, flow: Any) -> None:
        flow.whole_day()
        said = report(done_by(flow))
        for words in (
            "notes 2026-11-16",
            "exact_duplicate 1",
            "where the time went",
            "Airflow (imports, tasks)",
            f"penstock why {2:06x}",
            "make up",
            "backfill create --dag-id notes --from-date 2026-11-17 --to-date 2026-11-19",
        ):
            assert words in said
        assert "Nothing changed" not in said

    def test_a_second_run_says_that_nothing_changed(self, flow: Any) -> None:
        flow.whole_day()
        flow.whole_day()
        done = done_by(flow)
        assert done.is_unchanged
        assert "Nothing changed" in report(done)

    def test_a_failed_gate_shows_its_error_the_log_and_how_to_go_on(self, flow: Any) -> None:
        flow.ingest([None])
        flow.transfer([None])
        flow.process([flow.clean_row(0, None)])
        with pytest.raises(ContractError):
            broken = {**flow.clean_row(0, None), "failed_expectations": ["text is there"]}
            flow.validate([], [broken], verdict=Verdict.FAIL)
        done = done_by(flow, exit_code=1)
        assert done.failure == "validate failed: the gate said no"
        said = report(done)
        assert "failed: validate failed: the gate said no" in said
        assert str(done.log) in said
        assert "it goes on" in said

    def test_airflow_that_never_started_a_stage_shows_the_end_of_its_log(self, flow: Any) -> None:
        done = done_by(flow)
        done.log.write_text("line\n" * 50 + "ImportError: no module\n")
        assert done.failure == "Airflow ended without starting a stage"
        assert "ImportError: no module" in report(done)

    def test_an_earlier_success_does_not_hide_that_nothing_ran_now(self, flow: Any) -> None:
        flow.whole_day()
        done = done_by(flow, since=datetime.now(UTC) + timedelta(seconds=5))
        assert done.failure == "Airflow ended without starting a stage"

    def test_a_killed_stage_is_a_failure(self, flow: Any) -> None:
        origin = {"host": "elsewhere", "pid": 1}
        flow.ledger.start(
            dataset="notes", run_key="2026-11-16", stage=Stage.INGEST, attempt="a", origin=origin
        )
        assert done_by(flow).failure == "ingest running: it did not end"

    def test_an_exit_code_after_good_stages_is_a_failure(self, flow: Any) -> None:
        flow.whole_day()
        assert done_by(flow, exit_code=1).failure == "Airflow ended with exit code 1 after store"

    def test_a_flow_that_stopped_before_store_is_a_failure(self, flow: Any) -> None:
        flow.ingest(["one"])
        assert done_by(flow).failure == "Airflow ended before transfer"

    def test_the_times_add_up_to_the_wall_time(self, flow: Any) -> None:
        flow.whole_day()
        done = done_by(flow)
        assert sum(seconds for _, seconds in demo_report.times(done)) == pytest.approx(21.0)

    def test_programs_get_the_same(self, flow: Any) -> None:
        flow.whole_day()
        told = demo_report.as_dict(done_by(flow))
        assert (told["failure"], told["unchanged"], told["run"].dataset) == (None, False, "notes")


def test_an_unknown_flow_is_refused_with_those_there_are(penstock: Any, project: Path) -> None:
    (project / "include/recipes/notes.yaml").write_text("")
    ran = penstock("demo", "--dataset", "nothing")
    assert ran.code == 2
    assert "expected the name of a flow (notes), got 'nothing'" in ran.err


def test_a_day_that_is_none_is_refused(penstock: Any) -> None:
    assert "YYYY-MM-DD" in penstock("demo", "--run-key", "monday").err


def fake_airflow(code: str) -> Any:
    import sys

    def command(_dataset: str, _run_key: str) -> Sequence[str]:
        return [sys.executable, "-c", code]

    return command


@pytest.fixture
def _no_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.services.prepare.prepare", lambda _places, _say: False)
    monkeypatch.setenv("PENSTOCK_SPARK", "sc://127.0.0.1:1")


@pytest.mark.usefixtures("_no_preparation", "project")
class TestRunFlow:
    """The run itself, with another program in Airflow's place."""

    def run(self, monkeypatch: pytest.MonkeyPatch, code: str) -> DemoRun:
        monkeypatch.setattr("penstock.cli.flow_process.airflow_command", fake_airflow(code))
        return demo.run_flow(locate(), "notes", "2026-11-16", Console(file=io.StringIO()))

    def test_what_ran_is_told(self, flow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        flow.whole_day()
        done = self.run(monkeypatch, "print('hello')")
        assert done.log.read_text() == "hello\n"
        assert done.failure == "Airflow ended without starting a stage"
        assert done.airflow_s > 0

    def test_ctrl_c_ends_the_child_and_leaves_the_lake_as_it_was(
        self, flow: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flow.whole_day()
        found: list[Any] = []
        before = set(psutil.Process().children())  # of other tests: a server that several of them share

        def interrupt(self: Any, *_: object, **__: object) -> None:
            found.extend(set(psutil.Process().children()) - before)
            raise KeyboardInterrupt

        monkeypatch.setattr("penstock.cli.progress.Progress.watch", interrupt)
        with pytest.raises(KeyboardInterrupt):
            self.run(monkeypatch, "import time; time.sleep(600)")
        assert found
        assert not [child for child in found if child.is_running()]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_request_to_end_is_treated_as_ctrl_c_also_when_it_was_ignored_before(name: str) -> None:
    import os
    import signal
    import time

    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), demo.ended_by_signals():
            os.kill(os.getpid(), number)
            time.sleep(5)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_an_interrupted_demo_exits_with_130(
    penstock: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (project / "dags/notes.py").write_text("")
    monkeypatch.setattr(demo, "run_flow", interrupt)
    ran = penstock("demo", "--dataset", "notes")
    assert (ran.code, "run the command again to go on" in ran.err) == (130, True)


def test_a_machine_that_cannot_be_prepared_is_one_clear_line(
    penstock: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        message = "no network"
        raise PenstockError(message)

    (project / "dags/notes.py").write_text("")
    monkeypatch.setattr("penstock.services.prepare.prepare", fail)
    ran = penstock("demo", "--dataset", "notes")
    assert (ran.code, ran.err.splitlines()[-1]) == (2, "penstock: no network")


def test_a_second_demo_of_the_same_day_is_refused(penstock: Any, project: Path, tmp_path: Path) -> None:
    from penstock.services.locks import hold_lock

    (project / "dags/notes.py").write_text("")
    with hold_lock(tmp_path / "run" / "demo-notes-2026-11-16.lock", timeout_s=1):
        ran = penstock("demo", "--dataset", "notes")
    assert (ran.code, "another process holds it" in ran.err) == (2, True)
