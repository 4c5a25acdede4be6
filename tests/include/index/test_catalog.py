from __future__ import annotations

import numpy as np
import pytest

from penstock.errors import CorruptionError, RecipeError, SourceError
from penstock.index.catalog import DuplicateIndex, history_digest, index_names, indexed_datasets
from penstock.index.scheme import Scheme
from support.near_duplicates import documents_of, real_documents

SCHEME = Scheme()
NONE = history_digest({})


@pytest.fixture
def index(lake):
    return DuplicateIndex(lake, "notes")


@pytest.fixture(scope="module")
def documents():
    return documents_of(real_documents(12, words=30))


def publish(index, run_key, documents, history=NONE, scheme=SCHEME):
    return index.publish(run_key, documents, scheme, source="s", history=history)


def test_an_index_that_is_not_there_has_no_days(index, lake):
    assert index.days() == {}
    assert index.history(SCHEME, before="2026-11-16") == {}
    assert index.segments({}) == []
    assert (index.stale_days(), index_names(lake, "notes"), indexed_datasets(lake)) == ([], [], [])


def test_the_history_of_a_day_is_the_days_before_it(index, lake, documents):
    for n, key in enumerate(("2026-11-17", "2026-11-15", "2026-11-16")):
        publish(index, key, documents.take(np.arange(n, n + 3)))
    assert list(index.days()) == ["2026-11-15", "2026-11-16", "2026-11-17"]
    assert list(index.history(SCHEME, before="2026-11-17")) == ["2026-11-15", "2026-11-16"]
    assert [part.run_key for _, part in index.segments(index.history(SCHEME, before="2026-11-17"))] == [
        "2026-11-15", "2026-11-16",
    ]  # fmt: skip
    assert (index_names(lake, "notes"), indexed_datasets(lake)) == (["near_duplicates"], ["notes"])


def test_equal_documents_have_equal_digests_whatever_the_day(index, documents):
    a, b = publish(index, "2026-11-16", documents), publish(index, "2026-11-17", documents)
    assert a.digest == b.digest
    assert publish(index, "2026-11-17", documents.take(np.arange(3))).digest != a.digest


def test_another_scheme_is_refused_with_the_way_out(index, documents):
    publish(index, "2026-11-16", documents)
    with pytest.raises(RecipeError, match=r"v1 14x8 1024 shingles.*index rebuild notes"):
        index.history(Scheme(bands=14, rows=8), before="2026-11-17")
    assert index.history(Scheme(bands=14, rows=8), before="2026-11-16") == {}


def test_days_that_were_compared_with_another_history_are_stale(index, documents):
    first = publish(index, "2026-11-15", documents.take(np.arange(4)))
    publish(
        index, "2026-11-17", documents.take(np.arange(4, 8)), history_digest({"2026-11-15": first.digest})
    )
    assert index.stale_days() == []
    publish(
        index, "2026-11-16", documents.take(np.arange(8, 12)), history_digest({"2026-11-15": first.digest})
    )
    assert index.stale_days() == ["2026-11-17"]


def test_a_reader_goes_on_with_what_it_began_with(index, documents):
    publish(index, "2026-11-16", documents)
    wanted = index.history(SCHEME, before="2026-11-17")
    publish(index, "2026-11-16", documents.take(np.arange(3)))
    ((segment, part),) = index.segments(wanted)
    assert segment.documents(part, 16).ids == documents.ids


def test_a_segment_that_is_gone_is_tried_again(index, documents):
    publish(index, "2026-11-16", documents)
    with pytest.raises(SourceError, match="run the task again"):
        index.segments({"2026-11-16": "0" * 64})


def test_a_damaged_entry_is_said_to_be_damaged(index, lake, documents):
    publish(index, "2026-11-16", documents)
    lake.write_atomically(f"{index.root}/days/2026-11-16.json", b"{}")
    with pytest.raises(CorruptionError, match="does not parse"):
        index.days()


def test_what_was_forgotten_stays_out(index, documents):
    index.remember_forgotten(documents.ids[0])
    entry = publish(index, "2026-11-16", documents)
    assert entry.rows == len(documents) - 1
