from __future__ import annotations

import textwrap
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import parquet
from pydantic import SecretStr, SerializeAsAny

from penstock.errors import ContractError, CorruptionError, RecipeError
from penstock.manifest import Zone
from penstock.process.pii import sample
from penstock.process.pii.action import PseudonymKey
from penstock.process.section import ProcessSection
from penstock.process.stage import _models, process
from penstock.process.step import Step
from penstock.receipt import Receipt
from penstock.recipe import Recipe

FULL = """{steps: [
  {kind: unicode, unescape_html: true}, {kind: whitespace}, {kind: length, max_chars: 1000},
  {kind: language, candidates: [en, zh]}, {kind: label}, {kind: tokens, lowercase: true},
  {kind: word_statistics}, {kind: exact_duplicates}, {kind: mask_pii}, {kind: hashed_ngrams}, {kind: bert},
  {kind: sentiment}]}"""
WITHOUT_MODELS = FULL.partition(", {kind: bert}")[0] + "]}"
TEXTS = [
    "A wonderful film.", "a  WONDERFUL film.", None, "", " \x00 ", "Tom &amp; Jerry are great fun", "质量很好,我喜欢",
    "mail me at ann@example.org or 8.8.8.8, now", "x" * 1001, "\U0001f600 שלום", "\ufeffThe worst day of my life",
]  # fmt: skip
RATINGS = [3.0, 3.0, None, 0.0, 0.0, 2.5, None, 0.0, 0.0, None, -3.9]


@pytest.fixture
def full_day(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of(FULL))
    first = raw_of(TEXTS[:6], rating=pa.array(RATINGS[:6], type=pa.float64()))
    second = raw_of(TEXTS[6:], rating=pa.array(RATINGS[6:], type=pa.float64()), first=6)
    publish_raw(run, first, second)
    return run


def numbers(rows):
    return [int(row["doc_id"], 16) for row in rows]


def test_a_day_of_every_kind_of_trouble(full_day, rows_in):
    receipt = process(full_day)
    assert (receipt.rows_in, receipt.rows_out) == (11, 6)
    assert receipt.dropped == {"empty_text": 3, "exact_duplicate": 1, "too_long": 1}
    assert receipt.quarantined == {}
    assert receipt.details["masked"] == {"email": 1, "ip": 1}
    assert (
        "no accepted model of opinion_model is older than this day: published without the class"
        in receipt.notes
    )
    clean = {int(row["doc_id"], 16): row for row in rows_in(full_day, Zone.CLEAN)}
    assert sorted(clean) == [0, 5, 6, 7, 9, 10]
    assert clean[5]["text"] == "Tom & Jerry are great fun"
    assert clean[7]["text"] == "mail me at <EMAIL> or <IP>, now"
    assert clean[10]["text"] == "The worst day of my life"
    assert [clean[n]["label"] for n in (0, 6, 7, 10)] == ["positive", None, "neutral", "negative"]
    assert (clean[0]["lang"], clean[6]["lang"]) == ("en", "zh")
    assert (clean[0]["min_word"], clean[0]["max_word"], clean[0]["word_count"]) == ("A", "wonderful", 3)
    assert (len(clean[0]["bert"]), clean[6]["bert"]) == (384, None)
    assert len(clean[6]["ngram_indices"]) == len(clean[6]["ngram_values"]) > 0
    assert {row["sentiment"] for row in clean.values()} == {None}
    gone = {int(row["doc_id"], 16): row for row in rows_in(full_day, Zone.DROPPED)}
    assert {n: (row["drop_step"], row["drop_reason"]) for n, row in gone.items()} == {
        1: ("exact_duplicates", "exact_duplicate"), 2: ("whitespace", "empty_text"), 3: ("whitespace", "empty_text"),
        4: ("whitespace", "empty_text"), 8: ("length", "too_long"),
    }  # fmt: skip
    assert int(gone[1]["drop_detail"], 16) == 0
    assert gone[8]["drop_value"] == 1001


def test_a_second_run_changes_nothing_and_says_so(full_day):
    first, second = process(full_day), process(full_day)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert first.manifest_sha256 == second.manifest_sha256


def test_rows_do_not_depend_on_shards(run_of, recipe_of, publish_raw, raw_of, rows_in):
    found = []
    for day, cuts in (("2026-11-16", [0, 11]), ("2026-11-17", [0, 1, 4, 9, 11])):
        run = run_of(recipe_of(WITHOUT_MODELS), day)
        shards = [
            raw_of(TEXTS[a:b], rating=pa.array(RATINGS[a:b], type=pa.float64()), first=a)
            for a, b in pairwise(cuts)
        ]
        publish_raw(run, *shards)
        process(run)
        found.append([rows_in(run, zone) for zone in (Zone.CLEAN, Zone.DROPPED)])
    assert found[0] == found[1]


@pytest.mark.parametrize("shards", [[], [0], [0, 0]])
def test_an_empty_day_is_published_empty(run_of, recipe_of, publish_raw, raw_of, shards):
    run = run_of(recipe_of(FULL))
    empty = raw_of([], rating=pa.array([], type=pa.float64()))
    publish_raw(run, *[empty for _ in shards])
    receipt = process(run)
    assert (receipt.rows_in, receipt.rows_out, receipt.dropped, receipt.quarantined) == (0, 0, {}, {})


def test_without_steps_clean_rows_are_the_raw_ones(run_of, recipe_of, publish_raw, raw_of, rows_in):
    run = run_of(recipe_of("{}"))
    publish_raw(run, raw_of(["a", None, "", "a"]))
    assert process(run).rows_out == 4
    assert [row["text"] for row in rows_in(run, Zone.CLEAN)] == ["a", None, "", "a"]


def test_a_day_of_which_nothing_stays_says_so(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{steps: [{kind: length, min_chars: 9}]}"))
    publish_raw(run, raw_of(["a", "b"]))
    receipt = process(run)
    assert (receipt.rows_out, receipt.dropped) == (0, {"too_short": 2})
    assert "every row of the day left the flow" in receipt.notes


def test_a_day_of_one_text_keeps_one(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{steps: [{kind: exact_duplicates}]}"))
    publish_raw(run, raw_of(["same"] * 50))
    receipt = process(run)
    assert (receipt.rows_out, receipt.dropped) == (1, {"exact_duplicate": 49})


def test_words_of_long_texts_are_those_of_their_beginning_and_the_receipt_says_so(
    run_of, recipe_of, publish_raw, raw_of, rows_in
):
    run = run_of(recipe_of("{max_token_chars: 5, steps: [{kind: word_statistics}]}"))
    publish_raw(run, raw_of(["a b c d e", "a b"]))
    assert any(
        "of 1 texts, words were found in the first 5 characters only" in note for note in process(run).notes
    )
    assert [row["word_count"] for row in rows_in(run, Zone.CLEAN)] == [3, 2]


def test_a_column_that_nothing_makes_is_the_recipes_fault(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{steps: [{kind: label, rating_column: stars}]}"))
    publish_raw(run, raw_of(["a"], star=[1.0]))
    with pytest.raises(
        RecipeError, match=r"recipe notes: process step label expected a column 'stars'.*star\?"
    ):
        process(run)
    assert run.lake.find_manifest(Zone.CLEAN, "notes", run.run_key) is None


def test_a_column_of_a_type_that_a_step_cannot_use_is_the_recipes_fault(
    run_of, recipe_of, publish_raw, raw_of
):
    run = run_of(recipe_of("{steps: [{kind: whitespace}, {kind: column_filter, column: stars, min: 2}]}"))
    publish_raw(run, raw_of(["a"], stars=["many"]))
    with pytest.raises(RecipeError, match="'stars' to hold number for min, got string"):
        process(run)
    assert run.lake.find_manifest(Zone.CLEAN, "notes", run.run_key) is None


def test_without_a_raw_zone_says_what_to_run(run_of, recipe_of):
    with pytest.raises(ContractError, match="expected a manifest of zone 02_raw"):
        process(run_of(recipe_of("{}")))


def test_a_corrupt_raw_shard_stops_the_run(full_day):
    (entry, *_) = full_day.upstream(Zone.RAW).entries()
    Path(full_day.lake.full(entry.path)).write_bytes(b"rubbish")
    with pytest.raises(CorruptionError, match=r"expected 2 files as published, 1 are not"):
        process(full_day)


def test_the_model_of_a_day_is_the_newest_that_is_older(run_of, recipe_of):
    run = run_of(recipe_of(FULL))
    values = {
        "name": "opinion_model",
        "sha256": "0" * 64,
        "accepted": True,
        "metrics": {},
        "training_snapshot": {},
    }
    for day in ("2026-11-14", "2026-11-15", "2026-11-16"):
        run.ledger.record_model(version=f"v{day}", run_key=day, uri=f"/no/{day}", **values)
    assert _models(run)["opinion_model"].version == "v2026-11-15"


STEP_MODULE = """
from typing import Literal
from penstock.process.step import Context, Document, DocumentStep

class Unlucky(DocumentStep):
    '''Raise on 13.'''
    kind: Literal["unlucky"] = "unlucky"

    def apply(self, document: Document, context: Context) -> None:
        if document.text == "13":
            raise ZeroDivisionError("thirteen")
"""


class OpenSection(ProcessSection):
    """A section that takes a step of a package that came after this process began."""

    steps: tuple[SerializeAsAny[Step], ...] = ()


def with_step(recipe: Recipe, step: Step) -> Recipe:
    return recipe.model_copy(update={"process": OpenSection(steps=(step,))})


@pytest.fixture
def unlucky(tmp_path, monkeypatch):
    """A step of an installed package that Spark's Python does not have yet."""
    import importlib

    name = f"unlucky_{tmp_path.name.replace('-', '_')}"
    path = tmp_path / f"{name}.py"
    path.write_text(textwrap.dedent(STEP_MODULE))
    monkeypatch.syspath_prepend(tmp_path)
    return path, importlib.import_module(name).Unlucky()


@pytest.mark.filterwarnings("ignore:Pydantic serializer")
def test_a_step_that_spark_cannot_import_is_refused_with_what_to_do(
    unlucky, run_of, recipe_of, publish_raw, raw_of
):
    _, step = unlucky
    run = run_of(with_step(recipe_of("{}"), step))
    publish_raw(run, raw_of(["12", "13"]))
    with pytest.raises(RecipeError, match=r"step class unlucky_.*ModuleNotFoundError.*install the package"):
        process(run)


@pytest.mark.filterwarnings("ignore:Pydantic serializer")
def test_a_document_on_which_a_step_raises_goes_to_quarantine(
    unlucky, spark, run_of, recipe_of, publish_raw, raw_of, rows_in
):
    path, step = unlucky
    spark.addArtifacts(str(path), pyfile=True)
    run = run_of(with_step(recipe_of("{}"), step))
    publish_raw(run, raw_of(["12", "13", None, "13"]))
    receipt: Receipt = process(run)
    assert (receipt.rows_out, receipt.quarantined) == (2, {"process:unlucky:ZeroDivisionError": 2})
    assert [(row["text"], row["drop_detail"]) for row in rows_in(run, Zone.QUARANTINE)] == [
        ("13", "thirteen")
    ] * 2


PSEUDONYMS = "{steps: [{kind: mask_pii, kinds: [email, us_ssn], actions: {email: pseudonym, us_ssn: drop}}]}"
SECRET = "0123456789abcdef" * 2


def test_pseudonyms_have_a_key_from_a_connection_that_is_nowhere_else(
    run_of, recipe_of, publish_raw, raw_of, rows_in, lake, ledger, caplog, penstock_home
):
    caplog.set_level("DEBUG")
    asked: list[str] = []

    def secrets(name):
        asked.append(name)
        return SecretStr(SECRET)

    run = run_of(recipe_of(PSEUDONYMS), secrets=secrets)
    publish_raw(run, raw_of(["ann@b.io", "and ANN@b.io", "SSN 521-44-9382", "x"]))
    receipt = process(run)
    assert (receipt.rows_out, receipt.dropped, receipt.details["masked"]) == (3, {"pii": 1}, {"email": 2})
    token = PseudonymKey(SECRET).token("email", "ann@b.io")
    assert [row["text"] for row in rows_in(run, Zone.CLEAN)] == [token, f"and {token}", "x"]
    assert [row["text"] for row in rows_in(run, Zone.DROPPED)] == ["SSN <US_SSN>"]
    assert asked == ["penstock_pii"]
    assert process(run).unchanged
    rotated = run_of(recipe_of(PSEUDONYMS), secrets=lambda name: SecretStr(SECRET[::-1]))
    assert not process(rotated).unchanged
    logs = penstock_home / "logs"  # of the Spark server, among others
    files = [
        path.read_bytes() for root in (Path(lake.root), logs) for path in root.rglob("*") if path.is_file()
    ]
    assert any(b"spark" in text.lower() for text in files)
    database = Path(ledger.url.removeprefix("sqlite:///")).read_bytes()
    for text in (*files, database, receipt.model_dump_json().encode(), caplog.text.encode()):
        assert SECRET.encode() not in text


@pytest.mark.parametrize("found", [None, SecretStr(""), SecretStr("short")])
def test_a_missing_or_short_key_is_the_recipes_fault(run_of, recipe_of, publish_raw, raw_of, found):
    run = run_of(recipe_of(PSEUDONYMS), secrets=lambda name: found)
    publish_raw(run, raw_of(["ann@b.io"]))
    with pytest.raises(RecipeError, match="connection penstock_pii"):
        process(run)


def test_a_sample_of_finds_lies_beside_the_rows_and_is_not_published(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{steps: [{kind: mask_pii}]}"))
    publish_raw(run, raw_of(["to ann@b.io, now", "nothing", None, "8.8.8.8"]))
    receipt = process(run)
    assert receipt.details["pii_sample"]["finds"] == 2
    finds = sample.read(run.lake, run.upstream(Zone.CLEAN))
    assert [(f.kind, f.shape, f.left, f.right) for f in finds] == [
        ("email", "xxx@x.xx", "to ", ", now"),
        ("ip", "9.9.9.9", "", ""),
    ]
    assert run.lake.is_intact(run.upstream(Zone.CLEAN))


def test_a_kind_whose_model_is_missing_stops_the_stage_before_any_row(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{steps: [{kind: mask_pii, kinds: [{kind: person, model: xx_none}]}]}"))
    publish_raw(run, raw_of(["Ann Lee"]))
    with pytest.raises(RecipeError, match="install both there"):
        process(run)


def test_texts_have_neither_a_dictionary_nor_statistics(run_of, recipe_of, publish_raw, raw_of):
    run = run_of(recipe_of("{steps: [{kind: length, min_chars: 2}]}"))
    publish_raw(run, raw_of(["same text", "same text", "x"]))
    process(run)
    for entry in run.upstream(Zone.CLEAN).files:
        with run.lake.open(entry.path) as stream:
            group = parquet.ParquetFile(stream).metadata.row_group(0)
        columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
        assert not columns["text"].is_stats_set
        assert "RLE_DICTIONARY" not in columns["text"].encodings
        assert columns["doc_id"].is_stats_set


@pytest.mark.integration
def test_one_text_of_200_mb_among_small_ones_is_one_row(run_of, recipe_of, publish_raw, raw_of):
    steps = "[{kind: gopher_repetition}, {kind: mask_pii}, {kind: near_duplicates, index: null}]"
    run = run_of(recipe_of(f"{{steps: {steps}}}"))
    words = " ".join(f"word{number} and again" for number in range(1_000))
    long = (words + "\n") * (200_000_000 // len(words) + 1)
    publish_raw(run, raw_of([f"{number} {words}" for number in range(200)]), raw_of([long], first=200))
    receipt = process(run)
    assert receipt.rows_in == 201 == receipt.rows_out + sum(receipt.dropped.values())
    lengths = []
    for entry in run.upstream(Zone.CLEAN).files:
        with run.lake.open(entry.path) as stream:
            table = parquet.read_table(stream)
        if "text" in table.column_names:
            lengths += pc.binary_length(table["text"]).to_pylist()
    assert len(lengths) == 201
    assert max(lengths) == len(long)
