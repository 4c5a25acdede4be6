from __future__ import annotations

import gzip

import pytest

from penstock.errors import CorruptionError, RecipeError
from penstock.manifest import Zone
from penstock.process import worker_files
from penstock.process.quality.stop_words import StopWords
from penstock.process.stage import process
from penstock.process.step import Context, FileRef


def parse(content: bytes) -> list[str]:
    return content.decode().split("\n")


@pytest.fixture
def step(tmp_path) -> StopWords:
    (tmp_path / "en.txt.gz").write_bytes(gzip.compress(b"The\nand\n"))
    return StopWords(lists={"en": f"{tmp_path}/en.txt.gz"})


def test_reads_a_file_decompressed(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"abc"))
    assert worker_files.read_uri(f"{tmp_path}/a.gz") == b"abc"
    assert worker_files.read_uri(f"file://{tmp_path}/a.gz") == b"abc"


@pytest.mark.parametrize("uri", ["/nowhere/list.txt", "nosuchprotocol://a/b"])
def test_a_file_that_is_not_there_is_an_error_of_the_recipe(uri):
    with pytest.raises(RecipeError, match="mend the recipe"):
        worker_files.read_uri(uri)


def test_a_relative_path_is_in_the_lake(lake):
    lake.write_atomically("lists/en.txt", b"the")
    assert worker_files.reader_of(lake)("lists/en.txt") == b"the"
    with pytest.raises(RecipeError, match=r"lists/no\.txt"):
        worker_files.reader_of(lake)("lists/no.txt")


def test_equal_steps_share_their_files_and_others_do_not(step):
    other = StopWords(lists={"en": ["and"]})
    files = worker_files.prepare([step, step, other], worker_files.read_uri)
    assert sorted(files.values()) == [b"and", b"and\nthe"]
    assert set(worker_files.digests(files)) == set(files)


def test_a_worker_reads_what_the_stage_left(step, lake, context):
    attempt = lake.attempt(Zone.CLEAN, "notes", "2026-11-16", "a1")
    refs = worker_files.leave(worker_files.prepare([step], worker_files.read_uri), attempt)
    sent = Context.model_validate_json(context.model_copy(update={"files": refs}).model_dump_json())
    assert worker_files.load(step, "en", sent, parse) == ["and", "the"]
    assert [entry.sha256 for entry in attempt.files] == [ref.sha256 for ref in refs.values()]


def test_a_changed_file_is_refused(step, tmp_path, context):
    (tmp_path / "left").write_bytes(b"changed")
    name = worker_files.name_of(step, "en")
    ref = FileRef(uri=f"file://{tmp_path}/left", sha256="0" * 64)
    with pytest.raises(CorruptionError):
        worker_files.load(step, "en", context.model_copy(update={"files": {name: ref}}), parse)


def test_outside_of_a_stage_a_step_makes_its_own_once(step, context, tmp_path):
    first = worker_files.load(step, "en", context, parse)
    (tmp_path / "en.txt.gz").unlink()
    assert worker_files.load(step, "en", context, parse) is first


def test_what_is_loaded_is_bounded(context):
    for number in range(worker_files.MAX_LOADED + 5):
        worker_files.load(StopWords(lists={"en": [f"w{number}"]}), "en", context, parse)
    assert len(worker_files._loaded) == worker_files.MAX_LOADED


def test_a_changed_list_makes_the_day_again(run_of, recipe_of, publish_raw, raw_of, rows_in, lake):
    quiz = "who carried the letter over the river to the sister of the keeper at night"
    lake.write_atomically("lists/en.txt", b"rude")
    lake.write_atomically("quiz.txt", quiz.encode())
    run = run_of(
        recipe_of("""{steps: [
      {kind: bad_words, lists: {en: lists/en.txt}},
      {kind: contamination, benchmarks: [{name: quiz, uri: quiz.txt}]},
      {kind: heuristics, rules: [{rule: word_count, annotate: words}]}]}""")
    )
    publish_raw(run, raw_of(["a rude text", "a fine text", f"Tell me: {quiz}?", None]))
    first = process(run)
    assert first.dropped == {"bad_words": 1, "contaminated": 1}
    assert [row["words"] for row in rows_in(run, Zone.CLEAN)] == [3, 0]
    assert {row["drop_detail"].split(" ")[0] for row in rows_in(run, Zone.DROPPED)} == {"rude", "quiz:"}
    assert len(run.upstream(Zone.CLEAN).entries(Zone.ARTEFACT)) == 2
    assert process(run).unchanged
    lake.write_atomically("lists/en.txt", b"fine")
    third = process(run)
    assert not third.unchanged
    assert next(row["text"] for row in rows_in(run, Zone.DROPPED)) == "a fine text"


def test_a_missing_list_or_a_model_that_decides_stops_the_run(run_of, recipe_of, publish_raw, raw_of):
    for step, message in (
        ("{kind: stop_words, lists: {en: lists/none.txt}}", "lists/none.txt"),
        ("{kind: quality_classifier, model: mine, min_score: 0.5}", "penstock quality train"),
    ):
        run = run_of(recipe_of(f"{{steps: [{step}]}}"))
        publish_raw(run, raw_of(["text"]))
        with pytest.raises(RecipeError, match=message):
            process(run)
