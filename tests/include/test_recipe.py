"""Recipes are refused at parse with file, line, key, what was expected and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.errors import RecipeError
from penstock.recipe import Recipe, json_schema, load, parse

GOOD = """\
dataset: notes
start: 2026-11-10
ingest:
  source: {kind: folder, path: /data/inbox}
"""


def refused(text: str) -> str:
    with pytest.raises(RecipeError) as caught:
        parse(text, where="include/recipes/notes.yaml")
    return str(caught.value)


def test_a_small_recipe_is_enough():
    recipe = parse(GOOD, where="x")
    assert recipe.dataset == "notes"
    assert recipe.transfer.compression == "zstd"


def test_the_digest_covers_every_default_but_not_comments_or_order():
    reordered = "start: 2026-11-10\n# a comment\ndataset: notes\n" + GOOD.split("\n", 2)[2]
    explicit = GOOD + "transfer: {compression: zstd}\n"
    changed = GOOD + "transfer: {compression: gzip}\n"
    digest = parse(GOOD, where="x").digest
    assert parse(reordered, where="x").digest == digest
    assert parse(explicit, where="x").digest == digest
    assert parse(changed, where="x").digest != digest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD + "transfr: {}\n", ["transfr", "did you mean transfer?", "notes.yaml:5"]),
        (GOOD + "transfer:\n  compresion: zstd\n", ["transfer.compresion", "did you mean compression?", ":6"]),
        (GOOD + "transfer: {compression: lzma}\n", ["transfer.compression", "'zstd'", "got 'lzma'", ":5"]),
        (GOOD + "transfer: {shard_rows: 0}\n", ["transfer.shard_rows", "greater than or equal to 1", "got 0"]),
        (GOOD + "transfer: {shard_rows: many}\n", ["transfer.shard_rows", "integer", "got 'many'"]),
        (GOOD.replace("kind: folder", "kind: foldr"), ["ingest.source", "did you mean folder?", ":4"]),
        (GOOD.replace("kind: folder, ", ""), ["ingest.source", "kind"]),
        (GOOD.replace("path:", "pth:"), ["ingest.source.pth", "did you mean path?"]),
        (GOOD.replace("dataset: notes", "dataset: Notes!"), ["dataset", "got 'Notes!'", ":1"]),
        (GOOD.replace("start: 2026-11-10", "start: yesterday"), ["start", "date", ":2"]),
        (GOOD.replace("start: 2026-11-10\n", ""), ["start", "expected a value"]),
        (GOOD + "dataset: again\n", ["dataset", "twice"]),
        (GOOD + "transfer: {compression: snappy, compression_level: 3}\n", ["compression_level", "none"]),
        (GOOD + "process: {deadline: {minutes: -1}}\n", ["process.deadline.minutes", "greater than 0"]),
        ("a: [1,", ["valid YAML"]),
        ("- 1\n", ["mapping"]),
        ("", ["mapping"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_key_place_and_nearest_name(text: str, expected: list[str]):
    message = refused(text)
    for part in expected:
        assert part in message


def test_every_problem_is_said_at_once():
    message = refused(GOOD.replace("notes", "No!") + "transfr: {}\nstoree: {}\n")
    assert len(message.splitlines()) == 3


def test_a_file_that_is_not_there_names_the_nearest(tmp_path: Path):
    (tmp_path / "notes.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(RecipeError, match="did you mean notes"):
        load(tmp_path / "note.yaml")
    assert load(tmp_path / "notes.yaml").dataset == "notes"


def test_a_recipe_has_the_name_of_its_file(tmp_path: Path):
    (tmp_path / "other.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(RecipeError, match="expected dataset: other"):
        load(tmp_path / "other.yaml")


def test_bytes_that_are_no_utf8_are_refused_with_their_place(tmp_path: Path):
    (tmp_path / "notes.yaml").write_bytes(b"dataset: \xff\n")
    with pytest.raises(RecipeError, match="0xff at 9"):
        load(tmp_path / "notes.yaml")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_garbage_is_a_recipe_error_and_nothing_else(text: str):
    with pytest.raises(RecipeError):
        parse(text, where="x")


def test_the_schema_completes_a_recipe_in_an_editor():
    schema = json_schema()
    assert set(schema["properties"]) >= {"dataset", "ingest", "transfer", "process", "validate", "store"}
    assert schema["additionalProperties"] is False


def test_a_recipe_of_one_section_has_no_other():
    recipe = Recipe.only("x", transfer=Recipe.model_fields["transfer"].default)
    assert recipe.dataset == "x"
    assert not hasattr(recipe, "ingest")
    assert len(recipe.digest) == 64
