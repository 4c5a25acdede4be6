"""The gate: three severities, the quarantine, the ledger, and what happens when it says no."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from pyarrow import parquet

from penstock.errors import ContractError, CorruptionError, RecipeError
from penstock.ledger import schema
from penstock.manifest import Zone
from penstock.receipt import Verdict
from penstock.recipe import Recipe
from penstock.validate.promises import parse
from penstock.validate.section import ValidateSection
from penstock.validate.stage import validate

GOOD = [("a", "one", "en", 1.0), ("b", "two", "en", 2.0), ("c", "three", "zh", -3.0)]
BAD = [
    *GOOD,
    ("d", "write to x@y.example", "en", 0.5),  # critical: an address
    ("e", None, "en", 0.5),  # warning: no text
    ("f", "four", "xx", 99.0),  # warning: rating; info: language
    ("f", "four", "xx", None),  # its id twice; a missing rating breaks nothing
]


def promises(mail: str = "critical") -> str:
    return f"""
dataset: notes
expectations:
- {{name: doc_id is unique, expect: expect_column_values_to_be_unique, args: {{column: doc_id}},
   severity: warning, reason: a key}}
- {{name: text is there, expect: ExpectColumnValuesToNotBeNull, args: {{column: text}},
   severity: warning, reason: we sell text}}
- {{name: no address is left, expect: unexpected_rows_expectation, args: {{condition: "text NOT LIKE '%@%'"}},
    severity: {mail}, reason: privacy}}
- {{name: rating is on the scale, expect: expect_column_values_to_be_between,
    args: {{column: rating, min_value: -4, max_value: 4}}, severity: warning, reason: the scale}}
- {{name: lang is known, expect: expect_column_values_to_be_in_set, args: {{column: lang, value_set: [en, zh]}},
    severity: info, quarantine: false, reason: a new language is news}}
- {{name: there are rows, expect: expect_table_row_count_to_be_between, args: {{min_value: 1}},
   severity: warning, reason: a day has rows}}
- {{name: ratings are mild, expect: expect_column_mean_to_be_between, args: {{column: rating, max_value: 1}},
   severity: info, reason: drift}}
"""


PROMISES = parse(promises(), where="test")
LENIENT = parse(promises("warning"), where="test")


def rows_of(run, entries):
    return [row for entry in entries for row in parquet.read_table(run.lake.full(entry.path)).to_pylist()]


def verdict_rows(run):
    with run.ledger.engine.connect() as connection:
        verdicts = connection.execute(sa.select(schema.verdicts)).mappings().all()
        results = connection.execute(sa.select(schema.expectations)).mappings().all()
    return verdicts, results


def test_a_good_day_passes_whole(run, clean):
    clean(GOOD, files=2)
    receipt = validate(run, PROMISES)
    assert (receipt.verdict, receipt.rows_in, receipt.rows_out, receipt.quarantined) == (
        Verdict.PASS,
        3,
        3,
        {},
    )
    manifest = run.upstream(Zone.CHECKED)
    checked = rows_of(run, manifest.entries())
    assert sorted(row["doc_id"] for row in checked) == ["a", "b", "c"]
    assert set(checked[0]) == {"doc_id", "text", "lang", "rating"}
    assert not run.lake.fs.exists(run.lake.full("quarantine/notes"))


def test_a_verdict_keeps_every_observed_value_and_its_page(run, clean):
    clean(GOOD)
    receipt = validate(run, PROMISES)
    [verdict], results = verdict_rows(run)
    assert (verdict["verdict"], verdict["fingerprint"]) == ("pass", receipt.fingerprint)
    by_name = {row["name"]: row for row in results}
    assert [row["name"] for row in results] == [p.name for p in PROMISES.expectations]
    assert by_name["ratings are mild"]["observed"] == 0.0
    assert (by_name["text is there"]["unexpected_rows"], by_name["text is there"]["checked_rows"]) == (0, 3)
    assert by_name["no address is left"]["reason"] == "privacy"
    page = Path(verdict["docs_uri"]).read_text()
    assert "no address is left" in page
    assert "Data documentation compiled by Great Expectations" in page


def test_a_day_that_is_bad_on_purpose_stops_with_evidence(run, clean):
    clean(BAD)
    with pytest.raises(ContractError) as caught:
        validate(run, PROMISES)
    message = str(caught.value)
    assert "of 7 rows: 1 break 'no address is left'" in message
    assert "privacy" in message
    assert "clear the task" in message
    assert caught.value.failed == {"no address is left": 1}
    assert run.lake.find_manifest(Zone.CHECKED, "notes", run.run_key) is None
    left = rows_of_folder(caught.value.sample_uri)
    assert sorted((row["doc_id"], row["failed_expectations"]) for row in left) == [
        ("d", ["no address is left"]),
        ("e", ["text is there"]),
        ("f", ["doc_id is unique", "lang is known"]),
        ("f", ["doc_id is unique", "rating is on the scale", "lang is known"]),
    ]
    [verdict], results = verdict_rows(run)
    assert (verdict["verdict"], verdict["sample_uri"]) == ("fail", caught.value.sample_uri)
    assert verdict["docs_uri"] in message
    assert {row["name"] for row in results if not row["success"]} == {
        "doc_id is unique",
        "text is there",
        "no address is left",
        "rating is on the scale",
        "lang is known",
        "ratings are mild",
    }


def rows_of_folder(folder: str):
    return [
        row
        for path in sorted(Path(folder).rglob("*.parquet"))
        for row in parquet.read_table(path).to_pylist()
    ]


def test_warnings_publish_say_so_and_set_rows_apart(run, clean):
    clean(BAD)
    receipt = validate(run, LENIENT)
    assert receipt.verdict is Verdict.WARN
    assert receipt.quarantined == {"doc_id is unique": 2, "text is there": 1, "no address is left": 1}
    assert (receipt.rows_in, receipt.rows_out) == (7, 3)
    assert any(note.startswith("warning: 1 break 'no address is left'") for note in receipt.notes)
    assert any(note.startswith("info: 2 break 'lang is known'") for note in receipt.notes)
    manifest = run.upstream(Zone.CHECKED)
    assert len(rows_of(run, manifest.entries(Zone.QUARANTINE))) == 4
    assert len(rows_of(run, manifest.entries())) == 3


def test_rows_that_break_only_a_promise_without_quarantine_stay(run, clean):
    clean([*GOOD, ("x", "text", "xx", 0.0)])
    receipt = validate(run, PROMISES)
    assert (receipt.verdict, receipt.rows_out, receipt.quarantined) == (Verdict.PASS, 4, {})


def test_mostly_lets_the_day_pass_and_still_sets_the_rows_apart(run, clean):
    clean([*GOOD, ("x", "text", "en", 99.0)])
    text = promises().replace("max_value: 4}", "max_value: 4, mostly: 0.5}")
    receipt = validate(run, parse(text, where="test"))
    assert (receipt.verdict, receipt.quarantined) == (Verdict.PASS, {"rating is on the scale": 1})


def test_a_second_run_changes_nothing(run, clean):
    clean(BAD)
    first = validate(run, LENIENT)
    second = validate(run, LENIENT)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.manifest_sha256 == first.manifest_sha256
    assert len(verdict_rows(run)[0]) == 1


def test_other_promises_judge_the_same_rows_again(run, clean):
    clean(BAD)
    first = validate(run, LENIENT)
    stricter = parse(promises("warning").replace("max_value: 4}", "max_value: 1}"), where="test")
    second = validate(run, stricter)
    assert not second.unchanged
    assert second.fingerprint != first.fingerprint
    assert sum(second.quarantined.values()) > sum(first.quarantined.values())


def test_a_manifest_without_its_verdict_is_judged_again(run, clean):
    clean(GOOD)
    validate(run, PROMISES)
    with run.ledger.engine.begin() as connection:
        connection.execute(sa.delete(schema.verdicts))
        connection.execute(sa.delete(schema.expectations))
    assert not validate(run, PROMISES).unchanged
    assert len(verdict_rows(run)[0]) == 1


def test_a_failed_day_passes_once_its_rows_are_mended(run, clean):
    clean(BAD)
    with pytest.raises(ContractError):
        validate(run, PROMISES)
    clean(GOOD)
    assert validate(run, PROMISES).verdict is Verdict.PASS


def test_a_failure_leaves_what_was_published_before(run, clean):
    clean(GOOD)
    before = validate(run, PROMISES)
    clean(BAD)
    with pytest.raises(ContractError):
        validate(run, PROMISES)
    assert run.upstream(Zone.CHECKED).sha256 == before.manifest_sha256


@pytest.mark.parametrize("files", [1, 0])
def test_an_empty_day_warns_and_is_published(run, clean, files):
    clean([], files=files)
    receipt = validate(run, PROMISES)
    assert (receipt.verdict, receipt.rows_in, receipt.rows_out) == (Verdict.WARN, 0, 0)
    assert "the day has no rows" in receipt.notes
    results = {row["name"]: row["success"] for row in verdict_rows(run)[1]}
    assert results == {p.name: p.name != "there are rows" for p in PROMISES.expectations}


def test_an_empty_checked_day_keeps_its_columns(run, clean):
    clean([])
    validate(run, PROMISES)
    [entry] = run.upstream(Zone.CHECKED).entries()
    assert parquet.read_schema(run.lake.full(entry.path)).names == ["doc_id", "text", "lang", "rating"]


@pytest.mark.parametrize(("setting", "verdict"), [("pass", Verdict.PASS), ("warn", Verdict.WARN)])
def test_the_recipe_says_what_an_empty_day_is(run_of, clean, setting, verdict):
    run = run_of(Recipe.only("notes", validate=ValidateSection(empty_day=setting)))
    clean([], of=run)
    none = parse("dataset: notes\nexpectations: []", where="test")
    assert validate(run, none).verdict is verdict


def test_an_empty_day_may_be_refused(run_of, clean):
    run = run_of(Recipe.only("notes", validate=ValidateSection(empty_day="fail")))
    clean([], of=run)
    with pytest.raises(ContractError, match="the day has no rows"):
        validate(run, PROMISES)


def test_a_day_whose_every_row_is_quarantined_is_an_empty_checked_day(run, clean):
    clean([("a", None, "en", 1.0), ("b", None, "en", 1.0)])
    receipt = validate(run, PROMISES)
    assert (receipt.rows_in, receipt.rows_out, receipt.quarantined) == (2, 0, {"text is there": 2})


def test_a_column_that_is_not_there_is_the_yaml_s_fault(run, clean):
    clean(GOOD)
    text = promises().replace("column: lang,", "column: langs,")
    with pytest.raises(RecipeError, match=r"expects a column 'langs'.*did you mean lang"):
        validate(run, parse(text, where="test"))


@pytest.mark.parametrize("condition", ["no_such_column > 1", "text NOT LIKE"])
def test_a_condition_that_spark_cannot_read_is_named(run, clean, condition):
    clean(GOOD)
    text = promises().replace("text NOT LIKE '%@%'", condition)
    with pytest.raises(RecipeError, match="'no address is left' could not be evaluated"):
        validate(run, parse(text, where="test"))


def test_a_query_that_spark_cannot_read_is_named(run, clean):
    clean(GOOD)
    text = promises() + (
        "- {name: odd, expect: UnexpectedRowsExpectation, args: {unexpected_rows_query: 'SELECT nope FROM {batch}'},"
        " severity: critical, reason: r}\n"
    )
    with pytest.raises(RecipeError, match=r"'odd'.*could not be evaluated"):
        validate(run, parse(text, where="test"))


def test_a_table_query_that_returns_rows_stops_the_run(run, clean):
    clean(GOOD)
    text = promises() + (
        "- {name: beats the baseline, expect: UnexpectedRowsExpectation, severity: critical, reason: why publish less,"
        " args: {unexpected_rows_query: 'SELECT * FROM (SELECT max(rating) AS best FROM {batch}) WHERE best < 3'}}\n"
    )
    with pytest.raises(ContractError, match="'beats the baseline' does not hold, observed 1"):
        validate(run, parse(text, where="test"))


def test_day_words_bound_a_timestamp(run, clean):
    clean(GOOD)
    text = promises() + (
        "- {name: inside the day, expect: unexpected_rows_expectation, severity: critical, reason: r,"
        " args: {condition: \"DATE'2026-11-16' >= '{day}' AND DATE'2026-11-16' < '{next_day}'\"}}\n"
    )
    assert validate(run, parse(text, where="test")).verdict is Verdict.PASS


def test_a_corrupt_clean_shard_is_refused(run, clean):
    clean(GOOD)
    [entry] = run.upstream(Zone.CLEAN).entries()
    path = Path(run.lake.full(entry.path))
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 255]))
    with pytest.raises(CorruptionError, match="sha256 differs"):
        validate(run, PROMISES)


def test_garbage_text_survives_the_gate(run, clean):
    rows = [
        ("nul", "a\0b", "en", 0.0),
        ("emoji", "\U0001f600" * 1000, "zh", None),
        ("", "", "", float("nan")),
    ]
    clean(rows)
    receipt = validate(run, PROMISES)
    assert (receipt.rows_out, receipt.quarantined) == (2, {"rating is on the scale": 1})


def test_nothing_stays_in_the_memory_of_the_server(run, clean, spark):
    clean(GOOD)
    validate(run, PROMISES)
    frame = spark.read.parquet(run.lake.spark_uri(run.upstream(Zone.CLEAN).entries()[0].path))
    assert not frame.storageLevel.useMemory
