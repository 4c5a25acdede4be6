"""What lies in the lake, whether it is intact, and what may go."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import Any

import pytest

from penstock.cli.lake import parse_age
from penstock.cli.lake_gc import find_strays
from penstock.errors import ContractError, PenstockError
from penstock.manifest import Zone
from penstock.receipt import Stage, Verdict

OLD = timedelta(days=30)


def attempts(flow: Any, zone: Zone) -> list[str]:
    return sorted(
        path.rsplit("/", 1)[1] for path in flow.lake.fs.glob(flow.lake.full(f"{zone}/notes/*/attempt=*"))
    )


def make_older(flow: Any) -> None:
    """Date every file and folder back by 30 days."""
    then = time.time() - OLD.total_seconds()
    for folder, _, names in os.walk(flow.lake.root):
        for name in (*names, ""):
            os.utime(os.path.join(folder, name), (then, then))


def test_ls_counts_what_manifests_name(flow: Any, penstock: Any) -> None:
    flow.whole_day("2026-11-09")
    flow.whole_day("2026-11-16")
    zones = {entry["zone"]: entry for entry in penstock("lake", "ls", "--json").json()}
    assert list(zones) == [zone.value for zone in Zone if zone is not Zone.ARTEFACT]
    assert (zones["03_clean"]["days"], zones["03_clean"]["from"], zones["03_clean"]["rows"]) == (
        2,
        "2026-11-09",
        6,
    )
    assert (zones["dropped"]["rows"], zones["quarantine"]["rows"]) == (2, 2)
    assert "03_clean" in penstock("lake", "ls", "notes").out


def test_ls_of_a_run_lists_its_files(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    files = penstock("lake", "ls", "notes", "2026-11-16", "--json").json()
    assert {file["path"].split("/")[0] for file in files} == {
        zone.value for zone in Zone if zone is not Zone.ARTEFACT
    }
    assert all(file["bytes"] > 0 and len(file["sha256"]) == 64 for file in files)


def test_an_empty_lake_lists_nothing(penstock: Any) -> None:
    assert penstock("lake", "ls", "--json").json() == []
    assert penstock("lake", "verify").out.startswith("0 of 0 manifests intact")


def test_verify_passes_on_what_was_published(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    ran = penstock("lake", "verify", "notes", "2026-11-16")
    assert (ran.code, ran.out.split(",")[0]) == (0, "5 of 5 manifests intact")


@pytest.mark.parametrize("damage", ["changed", "gone", "manifest"])
def test_verify_finds_damage_and_exits_with_1(flow: Any, penstock: Any, damage: str) -> None:
    flow.whole_day()
    entry = flow.lake.manifest(Zone.CLEAN, "notes", "2026-11-16").entries()[0]
    if damage == "changed":
        content = flow.lake.fs.cat_file(flow.lake.full(entry.path))
        flow.lake.fs.pipe_file(flow.lake.full(entry.path), content[:-1] + b"?")
    elif damage == "gone":
        flow.lake.remove(entry.path)
    else:
        flow.lake.fs.pipe_file(
            flow.lake.full(flow.lake.manifest_path(Zone.CLEAN, "notes", "2026-11-16")), b"{}"
        )
    results = penstock("lake", "verify", "--json")
    assert results.code == 1
    assert [result["ok"] for result in results.json()].count(False) == 1
    assert "corrupt: " in penstock("lake", "verify").out


def test_gc_keeps_everything_that_is_published(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    make_older(flow)
    ran = penstock("lake", "gc", "--older-than", "1d", "--json")
    assert (ran.code, ran.json()["strays"]) == (0, [])
    assert penstock("lake", "verify").code == 0


def test_gc_removes_replaced_attempts_in_every_zone_once_they_are_old(flow: Any, penstock: Any) -> None:
    flow.ingest(["one", "x"])
    flow.transfer(["one", "x"])
    flow.process([flow.clean_row(0, "one")], [flow.dropped_row(1, "x", "too_short")])
    first = attempts(flow, Zone.DROPPED)
    flow.ingest(["one", "y"])
    flow.transfer(["one", "y"])
    flow.process([flow.clean_row(0, "one")], [flow.dropped_row(1, "y", "too_short")])
    assert penstock("lake", "gc", "--json").json()["young"] == 4
    make_older(flow)
    dry = penstock("lake", "gc", "--dry-run")
    assert "would remove 4 attempts" in dry.out
    assert len(attempts(flow, Zone.DROPPED)) == 2
    done = penstock("lake", "gc", "--json").json()
    assert (done["removed"], len(done["strays"]), done["bytes"] > 0) == (True, 4, True)
    assert len(attempts(flow, Zone.DROPPED)) == 1
    assert attempts(flow, Zone.DROPPED) != first
    assert penstock("lake", "verify").code == 0


def test_gc_leaves_a_running_attempt_alone(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    attempt = flow.lake.attempt(Zone.CLEAN, "notes", "2026-11-16", "process-1-abc")
    with attempt.create("part.parquet", rows=0) as file:
        file.write(b"half")
    flow.ledger.start(dataset="notes", run_key="2026-11-16", stage=Stage.PROCESS, attempt="process-1-abc")
    make_older(flow)
    assert penstock("lake", "gc", "--json").json()["strays"] == []
    flow.ledger.fail(attempt="process-1-abc", error=PenstockError("over"))
    (stray,) = penstock("lake", "gc", "--json").json()["strays"]
    assert stray["path"].endswith("attempt=process-1-abc")


def test_gc_keeps_the_evidence_of_the_newest_failed_gate(flow: Any, penstock: Any) -> None:
    flow.ingest([None])
    flow.transfer([None])
    clean = flow.clean_row(0, None)
    flow.process([clean])
    for _ in range(2):
        with pytest.raises(ContractError):
            flow.validate([], [{**clean, "failed_expectations": ["text is there"]}], verdict=Verdict.FAIL)
    make_older(flow)
    assert len(attempts(flow, Zone.QUARANTINE)) == 2
    assert penstock("lake", "gc").code == 0
    (kept,) = attempts(flow, Zone.QUARANTINE)
    assert kept.removeprefix("attempt=") == penstock("ledger", "verdicts", "--json").json()[0]["attempt"]


def test_gc_does_not_judge_a_run_whose_manifest_is_damaged(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    make_older(flow)
    flow.lake.fs.pipe_file(flow.lake.full(flow.lake.manifest_path(Zone.CLEAN, "notes", "2026-11-16")), b"{}")
    ran = penstock("lake", "gc", "--older-than", "0")
    assert (ran.code, "left alone: " in ran.out) == (1, True)
    assert len(attempts(flow, Zone.CLEAN)) == 1


def test_gc_keeps_published_data_that_a_table_may_point_to(flow: Any, penstock: Any) -> None:
    flow.ingest(["one"])
    flow.transfer(["one"])
    head = "05_published/notes/2026-11-16/attempt="
    flow.lake.write_atomically(f"{head}store-1-dead-data/notes/part.parquet", b"committed, then killed")
    make_older(flow)
    assert penstock("lake", "gc", "--json").json()["strays"] == []
    clean = [flow.clean_row(0, "one")]
    flow.process(clean)
    flow.validate(clean)
    flow.store(clean)
    (stray,) = penstock("lake", "gc", "--json").json()["strays"]
    assert stray["path"] == f"{head}store-1-dead-data"


def test_gc_keeps_the_attempt_that_a_manifest_only_mentions(flow: Any, penstock: Any) -> None:
    flow.whole_day()
    path = "05_published/notes/2026-11-16/attempt=store-1-old-data"
    flow.lake.write_atomically(f"{path}/notes/part.parquet", b"what the table points to")
    manifest = flow.lake.manifest(Zone.PUBLISHED, "notes", "2026-11-16")
    extra = {"snapshots": [{"location": flow.lake.spark_uri(f"{path}/notes")}]}
    flow.lake.publish(manifest.model_copy(update={"extra": extra}))
    make_older(flow)
    assert penstock("lake", "gc", "--json").json()["strays"] == []


def test_gc_removes_the_draft_of_a_manifest_that_a_killed_process_left(flow: Any) -> None:
    flow.whole_day()
    path = f"{flow.lake.manifest_path(Zone.CLEAN, 'notes', '2026-11-16')}.123.ab.tmp"
    flow.lake.fs.pipe_file(flow.lake.full(path), b"half")
    found = find_strays(flow.lake, flow.ledger, older_than=timedelta(0))
    assert [stray.path for stray in found.strays] == [path]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(7)),
        ("2W", timedelta(14)),
        ("0", timedelta(0)),
        (" 1.5 d ", timedelta(1.5)),
    ],
)
def test_an_age_is_a_number_with_a_unit(text: str, age: timedelta) -> None:
    assert parse_age(text) == age


@pytest.mark.parametrize("text", ["", "-1d", "d", "7 days", "1y", "7d7d"])
def test_another_age_is_refused(text: str) -> None:
    with pytest.raises(PenstockError, match="--older-than"):
        parse_age(text)
