"""The operators, each alone in any DAG: `execute` with a small context, real stages, no database of Airflow's.

These are the examples of the operators' docstrings, run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest
from airflow.exceptions import AirflowFailException

from penstock.errors import SourceError
from penstock.ingest.folder import FolderSource
from penstock.ingest.section import IngestSection
from penstock.ledger import Ledger
from penstock.ledger.deadlines import run_key_of_run, stage_state
from penstock.receipt import Receipt, Stage
from penstock.recipe import Recipe
from penstock.section import Deadline
from penstock.stage import Run
from penstock.transfer.section import TransferSection
from penstock_airflow.operators import IngestOperator, StoreOperator, TransferOperator
from penstock_airflow.operators.base import StageOperator


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PENSTOCK_LAKE", f"file://{tmp_path}/lake")
    return tmp_path


@pytest.fixture
def inbox(home: Path) -> Path:
    folder = home / "inbox"
    folder.mkdir()
    (folder / "a.txt").write_text("one\ntwo\n", encoding="utf-8")
    return folder


def context(day: datetime | None = datetime(2026, 11, 16, tzinfo=UTC), **run: Any) -> Any:
    values = {"logical_date": day, "run_id": "manual__1", "run_type": "manual", "run_after": None}
    values |= {"start_date": datetime.now(UTC)} | run
    instance = SimpleNamespace(dag_id="any", task_id="any", try_number=1, map_index=-1)
    return {"dag_run": SimpleNamespace(**values), "ti": instance}


def section(inbox: Path, **others: Any) -> IngestSection:
    return IngestSection(source=FolderSource(path=str(inbox)), **others)


def test_ingest_alone_lands_the_day_and_returns_a_receipt_of_plain_values(inbox: Path):
    operator = IngestOperator(recipe=Recipe.only("notes", ingest=section(inbox)))
    assert operator.task_id == "ingest"
    returned = operator.execute(context())
    receipt = Receipt.model_validate(returned)
    assert (receipt.stage, receipt.run_key, receipt.rows_out) == (Stage.INGEST, "2026-11-16", 2)
    assert all(not isinstance(value, bytes) for value in returned.values())


def test_ingest_reads_a_store_by_its_connection_and_no_place_shows_its_secret(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/operators-test/a.txt", b"one\ntwo\n")
    source = FolderSource(path="memory://operators-test", connection="my_store")
    operator = IngestOperator(recipe=Recipe.only("notes", ingest=IngestSection(source=source)))
    try:
        with pytest.raises(AirflowFailException, match=r"expected the connection my_store .*found none"):
            operator.execute(context())
        monkeypatch.setenv("AIRFLOW_CONN_MY_STORE", 'generic://key:hunter2@/?options={"secret": "hunter2"}')
        assert operator.execute(context())["rows_out"] == 2
    finally:
        memory.rm("/operators-test", recursive=True)
    left = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert len(left) > 2
    assert not [content for content in left if b"hunter2" in content]
    assert "hunter2" not in caplog.text


def test_transfer_takes_what_ingest_landed_without_being_told_where(inbox: Path):
    recipe = Recipe.only("notes", ingest=section(inbox), transfer=TransferSection())
    IngestOperator(recipe=recipe).execute(context())
    receipt = TransferOperator(recipe=recipe).execute(context())
    assert receipt["rows_out"] == 2
    assert receipt["manifest_uri"].endswith("02_raw/notes/2026-11-16/manifest.json")


def test_the_ledger_knows_which_airflow_run_did_it(inbox: Path):
    IngestOperator(recipe=Recipe.only("notes", ingest=section(inbox))).execute(context())
    ledger = Ledger(f"sqlite:///{inbox.parent}/home/ledger.db")
    assert stage_state(ledger, dataset="notes", stage=Stage.INGEST, run_id="manual__1") == "success"
    assert run_key_of_run(ledger, dataset="notes", run_id="manual__1") == "2026-11-16"


def test_a_run_key_of_ones_own_wins(inbox: Path):
    operator = IngestOperator(recipe=Recipe.only("notes", ingest=section(inbox)), run_key="2026-11-01")
    assert operator.execute(context())["run_key"] == "2026-11-01"


def test_broken_data_fails_without_retry(inbox: Path):
    recipe = Recipe.only("notes", ingest=section(inbox), transfer=TransferSection())
    with pytest.raises(AirflowFailException, match=r"ContractError.*run the stage before this one"):
        TransferOperator(recipe=recipe).execute(context())


def test_a_wrong_day_fails_without_retry(inbox: Path):
    operator = IngestOperator(recipe=Recipe.only("notes", ingest=section(inbox)))
    with pytest.raises(AirflowFailException, match="expected a day that is over"):
        operator.execute(context(datetime(2999, 1, 1, tzinfo=UTC)))


def test_trouble_of_a_source_goes_up_so_that_airflow_retries(home: Path):
    operator = IngestOperator(recipe=Recipe.only("notes", ingest=section(home / "not-mounted")))
    with pytest.raises(SourceError, match="is it mounted"):
        operator.execute(context())


def test_a_stage_that_ends_late_is_recorded_with_its_lateness_once(inbox: Path):
    late = Deadline(minutes=0.0001)
    operator = IngestOperator(recipe=Recipe.only("notes", ingest=section(inbox, deadline=late)))
    started = datetime(2026, 11, 17, tzinfo=UTC)
    operator.execute(context(start_date=started))
    operator.execute(context(start_date=started))
    ledger = Ledger(f"sqlite:///{inbox.parent}/home/ledger.db")
    with ledger.engine.connect() as connection:
        (row,) = connection.exec_driver_sql("select * from deadlines").mappings().all()
    assert (row["stage"], row["run_key"], row["notified"]) == ("ingest", "2026-11-16", "log")
    assert row["cause"] == "the stage ended late"
    assert row["lateness_seconds"] > 0
    assert row["finished_at"] is not None


def test_a_test_run_whose_start_is_its_logical_date_is_not_late_by_years(inbox: Path):
    an_hour = Deadline(minutes=60)
    operator = IngestOperator(recipe=Recipe.only("notes", ingest=section(inbox, deadline=an_hour)))
    day = datetime(2013, 2, 12, tzinfo=UTC)
    operator.execute(context(day, start_date=day))
    ledger = Ledger(f"sqlite:///{inbox.parent}/home/ledger.db")
    with ledger.engine.connect() as connection:
        assert connection.exec_driver_sql("select * from deadlines").all() == []


def test_a_store_operator_tells_its_consumers_which_tables_it_publishes():
    operator = StoreOperator(recipe=Recipe.only("notes", store=Recipe.model_fields["store"].default))
    assert [asset.uri for asset in operator.outlets] == ["penstock://notes/notes"]


def test_nothing_is_opened_when_an_operator_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path / "never"))
    IngestOperator(recipe=Recipe.only("notes", ingest=section(tmp_path)))
    assert not (tmp_path / "never").exists()


def test_a_new_stage_operator_needs_one_method(inbox: Path):
    class EchoOperator(StageOperator):
        stage = Stage.INGEST

        def work(self, run: Run) -> Receipt:
            from penstock.ingest.stage import ingest

            return ingest(run)

    operator = EchoOperator(task_id="echo", recipe=Recipe.only("notes", ingest=section(inbox)))
    assert operator.execute(context())["rows_in"] == 2
