"""The frame around every stage: nothing lost, nothing doubled, nothing done twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from penstock.errors import ConservationError, ContractError, CorruptionError, SourceError
from penstock.lake import Attempt, Lake
from penstock.ledger import Ledger, schema
from penstock.manifest import Zone
from penstock.receipt import Outcome, Receipt, Stage
from penstock.recipe import Recipe
from penstock.stage import Run, StageSpec, perform

LINES = [b"one\n", b"two\n", b"three\n"]


def land(attempt: Attempt, _fingerprint: str) -> Outcome:
    with attempt.create("lines.txt", rows=len(LINES)) as stream:
        for line in LINES:
            stream.write(line)
    return Outcome(rows_in=len(LINES), rows_out=len(LINES))


def ingest(run: Run, work: Callable[[Attempt, str], Outcome] = land, **inputs: object) -> Receipt:
    spec = StageSpec(Stage.INGEST, Zone.LANDING, inputs=inputs, fingerprint_from_files=True)
    return perform(run, spec, work)


def transfer(run: Run, work: Callable[[Attempt, str], Outcome] = land, **inputs: object) -> Receipt:
    spec = StageSpec(Stage.TRANSFER, Zone.RAW, parents=[run.upstream(Zone.LANDING)], inputs=inputs)
    return perform(run, spec, work)


def states(ledger: Ledger) -> list[str]:
    with ledger.engine.connect() as connection:
        query = sa.select(schema.stage_runs.c.state).order_by(schema.stage_runs.c.id)
        return list(connection.execute(query).scalars())


def attempts(lake: Lake) -> list[str]:
    return sorted(str(p.relative_to(lake.root)) for p in Path(lake.root).rglob("attempt=*"))


@pytest.fixture
def run(run_of: Callable[..., Run]) -> Run:
    return run_of(Recipe.only("x"))


def test_a_session_is_told_how_to_open_the_lake_and_no_other_place_is(run_of: Callable[..., Run]):
    told: dict[str, str] = {}
    session = SimpleNamespace(conf=SimpleNamespace(set=told.__setitem__))
    lake = Lake("s3://bucket/lake", key="key", secret="hunter2")
    run = run_of(Recipe.only("x"), spark=lambda: session, lake=lake)
    assert run.session() is session
    assert told == {
        "fs.s3a.bucket.bucket.access.key": "key",
        "fs.s3a.bucket.bucket.secret.key": "hunter2",
    }
    assert "hunter2" not in repr(run)


def test_a_receipt_balances_names_its_manifest_and_is_in_the_ledger(run: Run):
    receipt = ingest(run)
    manifest = run.upstream(Zone.LANDING)
    assert (receipt.rows_in, receipt.rows_out, receipt.bytes_out) == (3, 3, 14)
    assert receipt.manifest_sha256 == manifest.sha256
    assert manifest.attempt == receipt.attempt
    assert states(run.ledger) == ["success"]


def test_the_second_run_changes_nothing_and_says_so(run: Run):
    first, calls = ingest(run), []
    transfer(run)
    before = attempts(run.lake)

    def never(attempt: Attempt, fingerprint: str) -> Outcome:
        calls.append(attempt)
        return land(attempt, fingerprint)

    second, third = ingest(run), transfer(run, never)
    assert second.unchanged
    assert second.manifest_sha256 == first.manifest_sha256
    assert third.unchanged
    assert calls == []
    assert attempts(run.lake) == before


def test_other_parameters_make_other_rows(run: Run):
    ingest(run)
    assert not transfer(run, min_words=1).unchanged
    assert not transfer(run, min_words=2).unchanged
    assert transfer(run, min_words=2).unchanged


def test_a_corrupt_shard_is_rebuilt_by_its_own_stage_and_refused_by_the_next(run: Run):
    ingest(run)
    entry = run.upstream(Zone.LANDING).files[0]
    Path(run.lake.full(entry.path)).write_bytes(b"one\ntwo\nthreX\n")
    with pytest.raises(CorruptionError, match="sha256 differs"):
        transfer(run)
    again = ingest(run)
    assert not again.unchanged
    assert transfer(run).rows_out == 3


def test_a_changed_manifest_is_refused_by_the_next_stage_and_rebuilt_by_its_own(run: Run):
    ingest(run)
    path = Path(run.lake.full(run.lake.manifest_path(Zone.LANDING, "x", "2026-11-16")))
    path.write_bytes(path.read_bytes().replace(b'"rows_out": 3', b'"rows_out": 4'))
    with pytest.raises(CorruptionError, match="checksum"):
        transfer(run)
    assert ingest(run).rows_out == 3
    assert transfer(run).rows_out == 3


def test_a_removed_manifest_means_that_nothing_is_there(run: Run):
    ingest(run)
    Path(run.lake.full(run.lake.manifest_path(Zone.LANDING, "x", "2026-11-16"))).unlink()
    with pytest.raises(ContractError, match="found none"):
        transfer(run)


def test_rows_that_do_not_add_up_publish_nothing(run: Run):
    def lose_one(attempt: Attempt, fingerprint: str) -> Outcome:
        return land(attempt, fingerprint).model_copy(update={"rows_out": 2})

    with pytest.raises(ConservationError):
        ingest(run, lose_one)
    assert run.lake.find_manifest(Zone.LANDING, "x", "2026-11-16") is None
    assert attempts(run.lake) == []
    assert states(run.ledger) == ["failed"]


def test_a_failed_attempt_leaves_what_was_published_before(run: Run):
    first = ingest(run)

    def vanish(attempt: Attempt, _fingerprint: str) -> Outcome:
        with attempt.create("lines.txt") as stream:
            stream.write(b"one\n")
        message = "the source vanished half way"
        raise SourceError(message)

    with pytest.raises(SourceError):
        ingest(run, vanish)
    assert run.upstream(Zone.LANDING).sha256 == first.manifest_sha256
    assert len(attempts(run.lake)) == 1


def test_the_evidence_of_a_broken_contract_stays(run: Run):
    def refuse(attempt: Attempt, _fingerprint: str) -> Outcome:
        with attempt.create("bad.txt", zone=Zone.QUARANTINE) as stream:
            stream.write(b"bad\n")
        message = "bad rows"
        raise ContractError(message, failed={"good": 1}, sample_uri=attempt.path(zone=Zone.QUARANTINE))

    with pytest.raises(ContractError) as caught:
        ingest(run, refuse)
    assert Path(run.lake.full(str(caught.value.sample_uri)), "bad.txt").read_bytes() == b"bad\n"


def _hang(root: str, url: str) -> None:
    def half(attempt: Attempt, _fingerprint: str) -> Outcome:
        with attempt.create("lines.txt") as stream:
            stream.write(b"one\n")
        Path(root, "ready").write_text(attempt.id)
        time.sleep(60)
        raise AssertionError

    ingest(Run(Recipe.only("x"), "2026-11-16", Lake(f"file://{root}"), Ledger(url)), half)


def test_kill_9_in_the_middle_leaves_nothing_and_the_next_try_goes_on(run: Run, tmp_path: Path):
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_hang, args=(run.lake.root, run.ledger.url))
    process.start()
    ready = Path(run.lake.root, "ready")
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert run.lake.find_manifest(Zone.LANDING, "x", "2026-11-16") is None
    assert ingest(run).rows_out == 3
    assert states(run.ledger) == ["killed", "success"]
    assert len(attempts(run.lake)) == 1


def _race(root: str, url: str, barrier: object) -> None:
    run = Run(Recipe.only("x"), "2026-11-16", Lake(f"file://{root}"), Ledger(url))

    def slow(attempt: Attempt, fingerprint: str) -> Outcome:
        outcome = land(attempt, fingerprint)
        barrier.wait(30)  # type: ignore[attr-defined]
        return outcome

    ingest(run, slow)


def test_two_attempts_at_once_publish_one_whole_attempt(run: Run):
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(2)
    racers = [context.Process(target=_race, args=(run.lake.root, run.ledger.url, barrier)) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0, 0]
    manifest = run.upstream(Zone.LANDING)
    run.lake.verify(manifest)
    assert sum(entry.rows or 0 for entry in manifest.entries()) == 3
    assert states(run.ledger) == ["success", "success"]


def test_days_do_not_touch_each_other_in_whatever_order_they_run(run_of: Callable[..., Run]):
    days = ["2026-11-18", "2026-11-16", "2026-11-17"]
    receipts = {day: ingest(run_of(Recipe.only("x"), day)) for day in days}
    for day in sorted(days):
        again = ingest(run_of(Recipe.only("x"), day))
        assert again.unchanged
        assert again.manifest_sha256 == receipts[day].manifest_sha256
