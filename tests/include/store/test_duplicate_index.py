from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from penstock.errors import CorruptionError
from penstock.index.catalog import DuplicateIndex, history_digest
from penstock.index.compare import find_clusters
from penstock.index.scheme import Scheme
from penstock.manifest import Zone
from penstock.process.duplicates.artefact import EXTRA_KEY, find_artefacts, leave_artefact
from penstock.receipt import Outcome, Stage
from penstock.recipe import Recipe
from penstock.stage import StageSpec, perform
from penstock.store.duplicate_index import is_indexed, publish_index
from support.near_duplicates import documents_of, planted

SCHEME = Scheme()
DAYS = ("2026-11-16", "2026-11-17", "2026-11-18")


@pytest.fixture
def index(lake):
    return DuplicateIndex(lake, "notes")


@pytest.fixture
def day(run_of, index):
    """Run the near-duplicate part of a day: process leaves the artefact, validate lets rows through."""

    def process_and_check(run_key, documents, *, without=(), leave=True):
        run = run_of(Recipe.only("notes"), run_key)
        days = index.history(SCHEME, before=run_key)
        extra = {}

        def process(attempt, _):
            found = find_clusters(documents, SCHEME, 0.8, history=index.segments(days))
            kept = documents.take(np.flatnonzero(found.cluster == np.arange(len(documents)) + found.history))
            if leave:
                artefact = leave_artefact(attempt, index.name, kept, SCHEME, history=history_digest(days))
                extra[EXTRA_KEY] = {index.name: artefact.model_dump(mode="json")}
            _write(attempt, kept.ids)
            return Outcome(rows_in=len(kept), rows_out=len(kept))

        inputs = {"days": days, "ids": list(documents.ids), "leave": leave}
        perform(
            run, StageSpec(stage=Stage.PROCESS, zone=Zone.CLEAN, inputs=inputs, extra=lambda: extra), process
        )
        clean = run.upstream(Zone.CLEAN)
        rows = _read(run.lake, clean)

        def validate(attempt, _):
            kept = [doc_id for doc_id in rows if doc_id not in without]
            _write(attempt, kept)
            return Outcome(rows_in=len(kept), rows_out=len(kept))

        inputs = {"without": list(without)}
        perform(
            run, StageSpec(stage=Stage.VALIDATE, zone=Zone.CHECKED, parents=(clean,), inputs=inputs), validate
        )
        return run.lake, clean, run.upstream(Zone.CHECKED)

    return process_and_check


def _write(attempt, ids):
    with attempt.create("part-0.parquet", rows=len(ids)) as file:
        parquet.write_table(pa.table({"doc_id": pa.array(ids, type=pa.string())}), file)


def _read(lake, manifest):
    return [
        doc_id
        for entry in manifest.entries()
        for doc_id in parquet.read_table(lake.full(entry.path))["doc_id"].to_pylist()
    ]


def published(index):
    return {key: entry.digest for key, entry in index.days().items()}


def ids_of(index, run_key):
    ((segment, part),) = index.segments({run_key: index.days()[run_key].digest})
    return segment.documents(part, SCHEME.bands).ids


@pytest.fixture(scope="module")
def thirds():
    """Three days of texts with near-duplicates within and across the days."""
    texts = planted(60)
    size = len(texts) // 3
    return {key: documents_of(texts[n * size : (n + 1) * size], first=n * size) for n, key in enumerate(DAYS)}


@pytest.fixture(scope="module")
def answers():
    """What each order of days led to."""
    return []


def test_a_day_is_seen_only_when_it_is_published(day, index, thirds):
    lake, clean, checked = day(DAYS[0], thirds[DAYS[0]])
    assert published(index) == {}
    assert not is_indexed(lake, clean)
    assert publish_index(lake, clean, checked) == []
    assert is_indexed(lake, clean)
    assert ids_of(index, DAYS[0]) == _read(lake, checked)


def test_publishing_again_changes_nothing(day, index, thirds):
    lake, clean, checked = day(DAYS[0], thirds[DAYS[0]])
    publish_index(lake, clean, checked)
    before = {path: lake.fs.cat_file(path) for path in lake.fs.find(lake.full("index"))}
    publish_index(lake, clean, checked)
    assert {path: lake.fs.cat_file(path) for path in lake.fs.find(lake.full("index"))} == before


def test_what_did_not_pass_the_gate_is_not_in_the_index(day, index, thirds):
    gone = thirds[DAYS[0]].ids[0]
    lake, clean, checked = day(DAYS[0], thirds[DAYS[0]], without=[gone])
    publish_index(lake, clean, checked)
    assert gone not in ids_of(index, DAYS[0])
    assert len(ids_of(index, DAYS[0])) == index.days()[DAYS[0]].rows == clean.outcome.rows_out - 1
    assert is_indexed(lake, clean)


@pytest.mark.parametrize("order", list(itertools.permutations(DAYS)), ids="-".join)
def test_whatever_the_order_of_days_the_answer_is_that_of_days_in_order(day, index, thirds, order, answers):
    for key in order:
        lake, clean, checked = day(key, thirds[key])
        notes = publish_index(lake, clean, checked)
        assert bool(notes) == any(later > key for later in published(index) if later in index.stale_days())
    while stale := index.stale_days():
        lake, clean, checked = day(stale[0], thirds[stale[0]])
        publish_index(lake, clean, checked)
    found = {key: ids_of(index, key) for key in DAYS}
    answers.append(found)
    assert found == answers[0]
    assert 0 < sum(map(len, found.values())) < sum(len(d) for d in thirds.values())


def test_running_a_day_again_replaces_what_it_had(day, index, thirds):
    publish_index(*day(DAYS[0], thirds[DAYS[0]]))
    publish_index(*day(DAYS[1], thirds[DAYS[1]]))
    first = published(index)
    notes = publish_index(*day(DAYS[0], thirds[DAYS[2]]))
    assert published(index)[DAYS[0]] != first[DAYS[0]]
    assert index.stale_days() == [DAYS[1]]
    assert notes[0].startswith(f"1 later days ({DAYS[1]}) were compared with another history")


def test_a_day_that_has_no_rows_any_more_loses_what_it_had(day, index, thirds):
    publish_index(*day(DAYS[0], thirds[DAYS[0]]))
    lake, clean, checked = day(DAYS[0], thirds[DAYS[0]].take(np.empty(0, dtype=np.int64)), leave=False)
    assert not is_indexed(lake, clean)
    publish_index(lake, clean, checked)
    assert index.days()[DAYS[0]].rows == 0
    assert is_indexed(lake, clean)
    assert publish_index(lake, clean, checked) == []


def test_a_segment_that_is_copied_is_the_one_that_is_written_anew(day, index, thirds, lake):
    _, clean, checked = day(DAYS[0], thirds[DAYS[0]])
    publish_index(lake, clean, checked)
    copied = index.days()[DAYS[0]]
    ((segment, part),) = index.segments({DAYS[0]: copied.digest})
    documents = segment.documents(part, SCHEME.bands)
    lake.remove(segment.folder)
    written = index.publish(DAYS[0], documents, SCHEME, source=copied.source, history=copied.history)
    assert written == copied
    assert segment.folder == index.folder_of(DAYS[0], written.digest)
    assert segment.documents(part, SCHEME.bands).ids == documents.ids


def test_a_forgotten_document_is_left_out_of_a_copied_segment_too(day, index, thirds):
    gone = thirds[DAYS[0]].ids[0]
    index.remember_forgotten(gone)
    lake, clean, checked = day(DAYS[0], thirds[DAYS[0]])
    publish_index(lake, clean, checked)
    assert gone in _read(lake, checked)
    assert ids_of(index, DAYS[0]) == [doc_id for doc_id in _read(lake, checked) if doc_id != gone]


def test_an_artefact_that_was_changed_is_not_published(day, index, thirds):
    lake, clean, checked = day(DAYS[0], thirds[DAYS[0]])
    (artefact,) = find_artefacts(clean).values()
    path = lake.full(f"{artefact.folder}/records.bin")
    content = bytearray(lake.fs.cat_file(path))
    content[-1] ^= 1
    lake.fs.pipe_file(path, bytes(content))
    with pytest.raises(CorruptionError, match="run the process stage again"):
        publish_index(lake, clean, checked)
    assert published(index) == {}
