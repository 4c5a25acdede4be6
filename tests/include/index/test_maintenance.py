from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from penstock.index.catalog import DuplicateIndex, history_digest
from penstock.index.compare import find_clusters
from penstock.index.maintenance import compact, forget, stats_of
from penstock.index.scheme import Scheme
from support.near_duplicates import documents_of, edited, planted, real_documents

SCHEME = Scheme()
DAYS = ("2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03")
NOW = timedelta(0)
LATER = datetime.now(UTC) + timedelta(days=30)


@pytest.fixture
def index(lake):
    """Five days of eight documents each, in two months."""
    made = DuplicateIndex(lake, "notes")
    texts = real_documents(40, words=40)
    for n, key in enumerate(DAYS):
        publish(made, key, documents_of(texts[8 * n : 8 * n + 8], first=8 * n))
    return made


def publish(index, key, documents):
    history = history_digest(index.history(SCHEME, before=key))
    return index.publish(key, documents, SCHEME, source="s", history=history)


def answers(index, before="2026-12-01"):
    """What a day, with an edited copy of everything published, finds in the history, as ids."""
    history = index.segments(index.history(SCHEME, before=before))
    draw = random.Random(2)
    copies = [edited(text, 2, draw) for text in real_documents(40, words=40)]
    found = find_clusters(documents_of([*planted(60), *copies]), SCHEME, 0.3, history=history)
    return [found.history_ids[n] if n < found.history else "" for n in found.cluster.tolist()]


def ids(index, key):
    ((segment, part),) = index.segments({key: index.days()[key].digest})
    return segment.documents(part, 16).ids


def files(lake):
    return {path: lake.fs.cat_file(path) for path in lake.fs.find(lake.full("index"))}


def test_stats_count_what_is_there(index):
    found = stats_of(index)
    assert (found.days, found.documents, found.segments, found.compacted_days) == (5, 40, 5, 0)
    assert (found.first, found.last, found.scheme) == (DAYS[0], DAYS[-1], SCHEME.name)
    assert found.bytes > 40 * 16 * 12
    assert (found.stray_bytes, found.forgotten, found.stale_days) == (0, 0, ())


def test_an_empty_index_has_stats(lake):
    found = stats_of(DuplicateIndex(lake, "notes"))
    assert (found.days, found.scheme, found.first, found.bytes) == (0, None, None, 0)


def test_a_compacted_index_gives_the_same_answers(index):
    before = {key: answers(index, key) for key in (*DAYS, "2026-12-01")}
    assert any(any(found) for found in before.values())
    done = compact(index, older_than=NOW, now=LATER)
    assert (done.months, done.days, done.removed_folders) == (("2026-10", "2026-11"), 5, 5)
    assert {key: answers(index, key) for key in before} == before
    assert [ids(index, key) for key in DAYS] == [[f"{8 * n + i:032x}" for i in range(8)] for n in range(5)]
    found = stats_of(index)
    assert (found.segments, found.compacted_days, found.stray_bytes, found.days) == (2, 5, 0, 5)


def test_compacting_again_does_nothing(index, lake):
    compact(index, older_than=NOW, now=LATER)
    before = files(lake)
    done = compact(index, older_than=NOW, now=LATER)
    assert (done.months, done.removed_folders) == ((), 0)
    assert files(lake) == before


def test_files_that_a_reader_may_have_open_stay_for_a_while(index):
    done = compact(index, older_than=timedelta(days=1))
    assert (done.removed_folders, done.kept_young) == (0, 5)
    assert stats_of(index).stray_bytes > 0


def test_a_day_that_is_published_again_after_a_compaction_is_what_was_published(index):
    compact(index, older_than=NOW, now=LATER)
    fresh = documents_of(real_documents(45, words=40)[40:], first=900)
    publish(index, DAYS[3], fresh)
    assert ids(index, DAYS[3]) == fresh.ids
    assert ids(index, DAYS[2]) == [f"{16 + i:032x}" for i in range(8)]
    assert stats_of(index).stale_days == (DAYS[4],)
    compact(index, older_than=NOW, now=LATER)
    assert ids(index, DAYS[3]) == fresh.ids
    assert ids(index, DAYS[4]) == [f"{32 + i:032x}" for i in range(8)]


def test_a_compaction_that_was_killed_half_way_harms_nobody(index, monkeypatch):
    before = answers(index)

    def killed(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(index, "write_compacted", killed)
        with pytest.raises(KeyboardInterrupt):
            compact(index, older_than=NOW, now=LATER)
    assert answers(index) == before
    compact(index, older_than=NOW, now=LATER)
    assert answers(index) == before
    assert stats_of(index).stray_bytes == 0


@pytest.mark.parametrize("compacted", [False, True])
def test_a_forgotten_document_is_in_no_file(index, lake, compacted):
    if compacted:
        compact(index, older_than=NOW, now=LATER)
    gone = ids(index, DAYS[2])[3]
    assert any(gone.encode() in content for content in files(lake).values())
    done = forget(index, gone)
    assert done.days == (DAYS[2],)
    left = {path: content for path, content in files(lake).items() if "/forgotten/" not in path}
    assert not any(gone.encode() in content for content in left.values())
    assert len(ids(index, DAYS[2])) == 7
    assert [len(ids(index, key)) for key in DAYS] == [8, 8, 7, 8, 8]
    assert stats_of(index).stale_days == DAYS[3:]
    assert stats_of(index).forgotten == 1


def test_a_forgotten_document_does_not_come_back(index):
    gone = ids(index, DAYS[0])[0]
    forget(index, gone)
    publish(index, DAYS[0], documents_of(real_documents(8, words=40)))
    assert gone not in ids(index, DAYS[0])


def test_forgetting_what_is_not_there_is_said(index):
    assert forget(index, "nobody").days == ()
    assert np.sum([len(ids(index, key)) for key in DAYS]) == 40
