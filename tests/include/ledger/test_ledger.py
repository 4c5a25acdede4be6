"""The ledger: the life of a stage run, verdicts, and writers that meet."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from penstock.errors import ContractError, PenstockError
from penstock.ledger import Ledger, schema
from penstock.ledger.ledger import is_alive
from penstock.receipt import Receipt, Stage, Verdict

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUN: dict[str, Any] = {"dataset": "d", "run_key": "2026-11-16"}


def receipt(attempt: str, **changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "stage": Stage.PROCESS,
        "attempt": attempt,
        "manifest_uri": "lake/03_clean/d/2026-11-16/manifest.json",
        "manifest_sha256": "a" * 64,
        "fingerprint": "f" * 64,
        "bytes_out": 10,
        "recipe_hash": "r" * 64,
        "code_version": "0.1.0+x",
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=2),
        "seconds": 2.0,
        "rows_in": 10,
        "rows_out": 7,
        "dropped": {"too_short": 2},
        "quarantined": {"bad_bytes": 1},
        "details": {"masked": {"email": 4}},
    }
    return Receipt(**{**RUN, **values, **changes})


def rows(ledger: Ledger, table: sa.Table) -> list[dict[str, Any]]:
    with ledger.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def test_a_started_stage_runs_and_names_its_process(ledger: Ledger) -> None:
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="a1", origin={"run_id": "r"})
    [run] = rows(ledger, schema.stage_runs)
    assert run["state"] == "running"
    assert (run["origin"]["pid"], run["origin"]["run_id"]) == (os.getpid(), "r")
    assert run["finished_at"] is None
    assert run["started_at"].tzinfo is not None
    assert [event["kind"] for event in rows(ledger, schema.events)] == ["started"]


def test_a_finished_stage_keeps_its_receipt_and_counts(ledger: Ledger) -> None:
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="a1")
    ledger.finish(receipt("a1"))
    [run] = rows(ledger, schema.stage_runs)
    assert (run["state"], run["rows_in"], run["rows_out"]) == ("success", 10, 7)
    assert (run["rows_dropped"], run["rows_quarantined"]) == (2, 1)
    assert Receipt.model_validate(run["receipt"]) == receipt("a1")
    counts = {(row["kind"], row["reason"]): row["rows"] for row in rows(ledger, schema.drops)}
    assert counts == {("dropped", "too_short"): 2, ("quarantined", "bad_bytes"): 1}
    assert [(row["kind"], row["count"]) for row in rows(ledger, schema.masked)] == [("email", 4)]


def test_a_receipt_without_drops_or_masks_leaves_no_counts(ledger: Ledger) -> None:
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="a1")
    ledger.finish(
        receipt("a1", rows_in=0, rows_out=0, dropped={}, quarantined={}, details={}, unchanged=True)
    )
    assert rows(ledger, schema.drops) == []
    assert rows(ledger, schema.masked) == []
    assert rows(ledger, schema.stage_runs)[0]["state"] == "unchanged"
    assert rows(ledger, schema.events)[-1]["kind"] == "unchanged"


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (ContractError("412 rows", failed={"unique": 412}), Verdict.FAIL),
        (OSError("x" * 9_000), None),
        (KeyError(), None),
    ],
)
def test_a_failed_stage_keeps_kind_text_and_seconds(
    ledger: Ledger, error: Exception, verdict: Verdict | None
) -> None:
    ledger.start(**RUN, stage=Stage.VALIDATE, attempt="a1")
    ledger.fail(attempt="a1", error=error, verdict=verdict)
    [run] = rows(ledger, schema.stage_runs)
    assert (run["state"], run["error_kind"], run["verdict"]) == ("failed", type(error).__name__, verdict)
    assert run["error"] == str(error)[:4000]
    assert run["seconds"] >= 0
    assert run["receipt"] is None


def test_refuses_to_end_what_never_started(ledger: Ledger) -> None:
    with pytest.raises(PenstockError, match="call start"):
        ledger.finish(receipt("never"))
    with pytest.raises(PenstockError, match="never"):
        ledger.fail(attempt="never", error=OSError())
    assert rows(ledger, schema.drops) == []


def test_refuses_the_same_attempt_twice_and_keeps_the_first(ledger: Ledger) -> None:
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="a1")
    with pytest.raises(sa.exc.IntegrityError):
        ledger.start(**RUN, stage=Stage.PROCESS, attempt="a1")
    assert len(rows(ledger, schema.stage_runs)) == 1
    assert len(rows(ledger, schema.events)) == 1


def test_the_next_start_finds_a_killed_process_and_no_other(ledger: Ledger) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="killed", origin={"pid": dead.pid})
    ledger.start(**RUN, stage=Stage.STORE, attempt="other stage", origin={"pid": dead.pid})
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="far", origin={"pid": dead.pid, "host": "another-host"})
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="mine")
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="mine too")
    states = {row["attempt"]: row["state"] for row in rows(ledger, schema.stage_runs)}
    assert states.pop("killed") == "killed"
    assert set(states.values()) == {"running"}
    assert ledger.killed_attempts("d", "2026-11-16", Stage.PROCESS) == ["killed"]
    assert ledger.killed_attempts("d", "2026-11-17", Stage.PROCESS) == []
    assert [row["attempt"] for row in rows(ledger, schema.events) if row["kind"] == "killed"] == ["killed"]


def test_a_pid_that_was_given_to_a_younger_process_counts_as_gone() -> None:
    import socket

    here = {"host": socket.gethostname(), "pid": os.getpid()}
    assert is_alive(here, datetime.now(UTC))
    assert not is_alive(here, datetime.now(UTC) - timedelta(days=30))
    assert not is_alive({"host": socket.gethostname()}, datetime.now(UTC))
    assert not is_alive({"host": socket.gethostname(), "pid": "nonsense"}, datetime.now(UTC))
    assert is_alive({}, datetime.now(UTC))


def _judge(
    ledger: Ledger, fingerprint: str, verdict: Verdict, results: list[dict[str, Any]] | None = None
) -> None:
    ledger.record_verdict(
        **RUN, attempt="a1", fingerprint=fingerprint, verdict=verdict, results=results or []
    )


def test_the_newest_verdict_on_the_same_rows_counts(ledger: Ledger) -> None:
    _judge(ledger, "f1", Verdict.FAIL)
    _judge(ledger, "f1", Verdict.WARN)
    _judge(ledger, "f2", Verdict.FAIL)
    assert ledger.verdict_of(**RUN, fingerprint="f1") is Verdict.WARN
    assert ledger.verdict_of(**RUN, fingerprint="f2") is Verdict.FAIL


@pytest.mark.parametrize(
    "other",
    [
        {"dataset": "e", "run_key": "2026-11-16", "fingerprint": "f1"},
        {"dataset": "d", "run_key": "2026-11-17", "fingerprint": "f1"},
        {"dataset": "d", "run_key": "2026-11-16", "fingerprint": ""},
    ],
)
def test_a_verdict_on_other_rows_is_no_verdict(ledger: Ledger, other: dict[str, str]) -> None:
    _judge(ledger, "f1", Verdict.PASS)
    assert ledger.verdict_of(**other) is None


def test_keeps_every_expectation_in_its_order(ledger: Ledger) -> None:
    same = {
        "expectation_type": "t",
        "column_name": None,
        "severity": "info",
        "success": True,
        "observed": {"中": None},
    }
    same |= {"unexpected_rows": None, "checked_rows": None, "reason": None}
    _judge(ledger, "f1", Verdict.PASS, [{"name": "b", **same}, {"name": "a", **same}])
    kept = rows(ledger, schema.expectations)
    assert [(row["position"], row["name"]) for row in kept] == [(0, "b"), (1, "a")]
    assert kept[0]["observed"] == {"中": None}


def _model(ledger: Ledger, run_key: str, version: str, *, accepted: bool = True) -> None:
    ledger.record_model(
        name="m",
        version=version,
        run_key=run_key,
        uri="u",
        sha256="0" * 64,
        accepted=accepted,
        metrics={},
        training_snapshot={},
    )


def test_the_newest_model_knows_nothing_of_the_day_it_is_used_on(ledger: Ledger) -> None:
    _model(ledger, "2026-11-16", "v1")
    _model(ledger, "2026-11-17", "v2")
    _model(ledger, "2026-11-17", "v3", accepted=False)
    assert ledger.newest_model("m", before="2026-11-16") is None
    assert ledger.newest_model("other", before="2026-12-01") is None
    assert (ledger.newest_model("m", before="2026-11-17") or {})["version"] == "v1"
    assert (ledger.newest_model("m", before="2026-11-18") or {})["version"] == "v2"


def test_a_missed_deadline_is_kept_once_and_grows(ledger: Ledger) -> None:
    missed: dict[str, Any] = {
        **RUN,
        "stage": "store",
        "due_at": NOW,
        "noticed_at": NOW,
        "finished_at": None,
        "lateness_seconds": 1.0,
        "cause": "c",
        "notified": "log",
        "run_id": "r1",
    }
    assert ledger.record_missed_deadline(**missed)
    assert not ledger.record_missed_deadline(**{**missed, "finished_at": NOW, "lateness_seconds": 90.0})
    assert ledger.record_missed_deadline(**{**missed, "run_id": "r2"})
    first = rows(ledger, schema.deadlines)[0]
    assert (first["lateness_seconds"], first["finished_at"]) == (90.0, NOW)
    assert [event["kind"] for event in rows(ledger, schema.events)] == ["deadline_missed"] * 2


def _write_many(url: str, name: str, count: int) -> int:
    ledger = Ledger(url)
    for number in range(count):
        attempt = f"{name}-{number}"
        ledger.start(**RUN, stage=Stage.PROCESS, attempt=attempt)
        ledger.finish(receipt(attempt))
    return count


def test_two_processes_create_and_write_one_ledger_at_once_and_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/folder/ledger.db"
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        written = sum(pool.map(_write_many, [url] * 2, "ab", [40] * 2))
    ledger = Ledger(url)
    runs = rows(ledger, schema.stage_runs)
    assert len(runs) == written == 80
    assert {run["state"] for run in runs} == {"success"}
    assert len(rows(ledger, schema.drops)) == 2 * written
    assert len(rows(ledger, schema.events)) == 2 * written


def test_a_reader_does_not_wait_for_a_writer(ledger: Ledger) -> None:
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="a1")
    with ledger.engine.begin() as writer:
        writer.execute(sa.update(schema.stage_runs).values(state="failed"))
        assert rows(ledger, schema.stage_runs)[0]["state"] == "running"


def test_refuses_a_ledger_of_another_release(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    with Ledger(url).engine.begin() as connection:
        connection.execute(sa.update(schema.schema_version).values(version=schema.SCHEMA_VERSION + 1))
    with pytest.raises(PenstockError, match=f"expected schema version {schema.SCHEMA_VERSION}, found"):
        Ledger(url)


def test_opens_a_ledger_again_without_writing_its_version_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    Ledger(url)
    assert rows(Ledger(url), schema.schema_version) == [{"version": schema.SCHEMA_VERSION}]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        PenstockError, match=r"driver psycopg for postgresql, found none; .* 'psycopg\[binary\]'"
    ) as found:
        Ledger("postgresql://user:secret@nowhere.example/db")
    assert "secret" not in str(found.value)


def test_writes_to_postgresql_as_to_sqlite() -> None:
    url = os.environ.get("PENSTOCK_TEST_POSTGRESQL")
    if not url:
        pytest.skip("no server: set PENSTOCK_TEST_POSTGRESQL to the URL of an empty database")
    ledger = Ledger(url)
    schema.metadata.drop_all(ledger.engine)
    ledger = Ledger(url)
    ledger.start(**RUN, stage=Stage.PROCESS, attempt="a1")
    ledger.finish(receipt("a1"))
    _judge(ledger, "f1", Verdict.WARN)
    assert rows(ledger, schema.stage_runs)[0]["started_at"].tzinfo is not None
    assert ledger.verdict_of(**RUN, fingerprint="f1") is Verdict.WARN
