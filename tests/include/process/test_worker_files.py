from __future__ import annotations

import gzip

import pytest

from penstock.errors import CorruptionError, RecipeError
from penstock.manifest import Zone
from penstock.process import worker_files
from penstock.process.quality.stop_words import StopWords
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
