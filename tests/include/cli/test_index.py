"""What is known of everything published before, and what is done about it."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.index.catalog import DuplicateIndex, history_digest
from penstock.index.scheme import Scheme
from support.near_duplicates import documents_of, real_documents

DAYS = ("2026-11-15", "2026-11-16")


@pytest.fixture
def filled(lake: Any) -> DuplicateIndex:
    """Two days; the second was published first, so it was not compared with the first."""
    index = DuplicateIndex(lake, "notes")
    for n, key in enumerate(DAYS):
        part = documents_of(real_documents(8, words=40)[4 * n : 4 * n + 4], first=4 * n)
        index.publish(key, part, Scheme(), source="s", history=history_digest({}))
    return index


def test_stats_show_what_there_is_and_what_is_stale(penstock: Any, filled: DuplicateIndex) -> None:
    (found,) = penstock("index", "stats", "--json").json()
    assert (found["dataset"], found["days"], found["documents"]) == ("notes", 2, 8)
    assert found["stale_days"] == [DAYS[1]]
    shown = penstock("index", "stats", "notes").out
    assert "near_duplicates" in shown
    assert f"run them again, oldest first: {DAYS[1]}" in shown


def test_an_empty_lake_has_no_index(penstock: Any) -> None:
    assert penstock("index", "stats", "--json").json() == []
    assert "no index yet" in penstock("index", "stats").out
    assert "nothing to compact" in penstock("index", "compact").out


def test_compact_says_what_it_did(penstock: Any, filled: DuplicateIndex) -> None:
    (done,) = penstock("index", "compact", "notes", "--older-than", "0s", "--json").json()
    assert (done["months"], done["days"], done["removed_folders"]) == (["2026-11"], 2, 2)
    assert "0 days compacted" in penstock("index", "compact").out
    assert penstock("index", "stats", "--json").json()[0]["segments"] == 1


def test_forget_takes_a_document_out(penstock: Any, filled: DuplicateIndex) -> None:
    done = penstock("index", "forget", f"{2:032x}")
    assert (done.code, f"taken out of {DAYS[0]}" in done.out) == (0, True)
    again = penstock("index", "forget", f"{2:032x}", "--dataset", "notes")
    assert (again.code, "no index has" in again.out) == (1, True)
    assert penstock("index", "forget", "nobody", "--json").json()[0]["days"] == []


def test_a_dataset_without_an_index_is_refused_with_those_that_have_one(
    penstock: Any, filled: DuplicateIndex
) -> None:
    done = penstock("index", "stats", "nots")
    assert (done.code, "there are: notes" in done.err) == (2, True)


def test_rebuild_needs_the_step(penstock: Any, project: Any) -> None:
    text = "dataset: notes\nstart: 2026-11-01\ningest: {source: {kind: folder, path: /nowhere}}\n"
    (project / "include/recipes/notes.yaml").write_text(text)
    done = penstock("index", "rebuild", "notes")
    assert (done.code, "expected a process step near_duplicates with an index" in done.err) == (2, True)


@pytest.mark.parametrize("command", ["stats", "compact", "rebuild", "forget"])
def test_help_has_an_example(penstock: Any, command: str) -> None:
    assert f"Example:  penstock index {command}" in penstock("index", command, "--help").out
