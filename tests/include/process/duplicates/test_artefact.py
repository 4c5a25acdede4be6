"""Days from raw rows to the index: fingerprints, re-runs, kills."""

from __future__ import annotations

from typing import Any

import pytest
from pyarrow import parquet

from penstock.errors import CorruptionError
from penstock.index.catalog import DuplicateIndex
from penstock.manifest import Zone
from penstock.process.duplicates.artefact import EXTRA_KEY, find_artefacts
from penstock.process.duplicates.near_duplicates import NearDuplicates
from penstock.process.section import ProcessSection
from penstock.process.stage import process
from penstock.receipt import Outcome, Stage
from penstock.recipe import Recipe
from penstock.stage import StageSpec, perform
from penstock.store.duplicate_index import is_indexed, publish_index
from penstock.store.rebuild_index import rebuild_index
from support.near_duplicates import real_documents

DAYS = ("2026-11-16", "2026-11-17")


@pytest.fixture
def recipe():
    section = ProcessSection.model_construct(steps=(NearDuplicates(),))
    return Recipe.only("notes", process=section)


@pytest.fixture
def texts():
    """Two days; the second has a copy of two texts of the first, and one of its own twice."""
    found = real_documents(7, words=60)
    return {DAYS[0]: found[:4], DAYS[1]: [*found[4:], found[0], f"{found[1]} more", found[5]]}


@pytest.fixture
def run_day(run_of, recipe, publish_raw, raw_of, texts):
    """Run a day's process stage; the raw rows are its own unless others are given."""

    def run(key, given=None):
        made = run_of(recipe, key)
        rows = texts[key] if given is None else given
        publish_raw(made, raw_of(rows, first=100 * DAYS.index(key)))
        return made, process(made)

    return run


def check_and_publish(run: Any) -> list[str]:
    """Let every row pass the gate, and publish as far as the index goes."""
    clean = run.upstream(Zone.CLEAN)

    def copy(zone):
        def work(attempt, _):
            rows = 0
            for n, entry in enumerate(clean.entries()):
                table = parquet.read_table(run.lake.full(entry.path))
                rows += len(table)
                with attempt.create(f"part-{n}.parquet", rows=len(table)) as file:
                    parquet.write_table(table, file)
            return Outcome(rows_in=rows, rows_out=rows)

        return work

    perform(run, StageSpec(stage=Stage.VALIDATE, zone=Zone.CHECKED, parents=(clean,)), copy(Zone.CHECKED))
    checked = run.upstream(Zone.CHECKED)
    notes = publish_index(run.lake, clean, checked)
    perform(run, StageSpec(stage=Stage.STORE, zone=Zone.PUBLISHED, parents=(checked,)), copy(Zone.PUBLISHED))
    return notes


def test_two_days_in_order(run_day, rows_in, lake):
    first, receipt = run_day(DAYS[0])
    assert (receipt.rows_in, receipt.rows_out, receipt.dropped) == (4, 4, {})
    check_and_publish(first)
    second, receipt = run_day(DAYS[1])
    assert receipt.dropped == {"near_duplicate": 3}
    dropped = {row["doc_id"]: row["drop_detail"] for row in rows_in(second, Zone.DROPPED)}
    assert dropped == {f"{103:032x}": f"{0:032x}", f"{104:032x}": f"{1:032x}", f"{105:032x}": f"{101:032x}"}
    assert "minhash" not in rows_in(second, Zone.CLEAN)[0]
    assert receipt.details["near_duplicates"]["history_days"] == 1
    scratch = [path for path in lake.fs.find(lake.full("03_clean")) if "/scratch/" in path]
    assert scratch == []


def test_an_unchanged_history_is_unchanged_and_a_changed_one_is_not(run_day, texts):
    second, receipt = run_day(DAYS[1])
    assert receipt.dropped == {"near_duplicate": 1}
    assert run_day(DAYS[1])[1].unchanged
    check_and_publish(second)
    first, _ = run_day(DAYS[0])
    assert run_day(DAYS[1])[1].unchanged, "what is not published is not compared with"
    notes = check_and_publish(first)
    assert DAYS[1] in notes[0]
    again, receipt = run_day(DAYS[1])
    assert (receipt.unchanged, receipt.dropped) == (False, {"near_duplicate": 3})
    assert check_and_publish(again) == []


def test_a_kill_between_process_and_store_or_in_it_leaves_whole_days(run_day, lake, monkeypatch):
    first, _ = run_day(DAYS[0])
    index = DuplicateIndex(lake, "notes")
    assert index.days() == {}, "killed after process: nothing is to be seen"
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(DuplicateIndex, "write_entry", _killed)
        check_and_publish(first)
    assert index.days() == {}, "killed before the entry: nothing is to be seen"
    assert not is_indexed(lake, first.upstream(Zone.CLEAN))
    check_and_publish(first)
    assert index.days()[DAYS[0]].rows == 4
    before = {path: lake.fs.cat_file(path) for path in lake.fs.find(lake.full("index"))}
    check_and_publish(first)
    assert {path: lake.fs.cat_file(path) for path in lake.fs.find(lake.full("index"))} == before


def _killed(*_):
    raise KeyboardInterrupt


def test_a_lost_index_is_rebuilt_from_artefacts_or_from_texts(run_day, lake, recipe):
    for key in DAYS:
        check_and_publish(run_day(key)[0])
    index = DuplicateIndex(lake, "notes")
    before = {key: (entry.digest, entry.history) for key, entry in index.days().items()}
    lake.remove("index")
    assert [(one.source, one.documents) for one in rebuild_index(lake, recipe)] == [
        ("artefact", 4),
        ("artefact", 3),
    ]
    assert {key: (entry.digest, entry.history) for key, entry in index.days().items()} == before
    other = NearDuplicates(bands=14, rows=8)
    changed = recipe.model_copy(update={"process": ProcessSection.model_construct(steps=(other,))})
    assert [(one.source, one.documents) for one in rebuild_index(lake, changed)] == [("text", 4), ("text", 3)]
    assert {entry.scheme for entry in index.days().values()} == {other.scheme}


def test_a_day_that_was_processed_again_since_is_left_to_its_run(run_day, lake, recipe, texts):
    check_and_publish(run_day(DAYS[0])[0])
    run_day(DAYS[0], texts[DAYS[1]])
    assert [one.source for one in rebuild_index(lake, recipe)] == ["run it"]


def test_an_artefact_that_is_something_else_is_refused(run_day):
    first, _ = run_day(DAYS[0])
    clean = first.upstream(Zone.CLEAN)
    assert find_artefacts(clean)["near_duplicates"].rows == 4
    broken = clean.model_copy(update={"extra": {EXTRA_KEY: {"near_duplicates": {"folder": 1}}}})
    with pytest.raises(CorruptionError, match="run the process stage again"):
        find_artefacts(broken)
