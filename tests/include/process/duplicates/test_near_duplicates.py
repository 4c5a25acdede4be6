from __future__ import annotations

import itertools
import random

import pyarrow as pa
import pytest

from penstock.errors import RecipeError
from penstock.manifest import Zone
from penstock.process import audit
from penstock.process.duplicates.near_duplicates import NearDuplicates
from penstock.process.step import FrameContext
from support.near_duplicates import brute_force, edited, planted, real_documents, signature

SCHEMA = "doc_id string, text string, minhash binary, score double"


def rows_of(texts, *, first=0, scores=None):
    return [
        (f"{first + n:032x}", text, signature(text), None if scores is None else scores[n])
        for n, text in enumerate(texts)
    ]


@pytest.fixture
def transformed(spark, context, lake):
    """Run the step over rows; return the rows by ``doc_id`` and the context."""

    numbers = itertools.count()

    def run(given, *, frame=None, **options):
        attempt = lake.attempt(Zone.CLEAN, "notes", context.run_key, f"a{next(numbers)}")
        frames = FrameContext(run=context, attempt=attempt)
        frame = audit.with_audit(spark.createDataFrame(given, SCHEMA)) if frame is None else frame
        done = NearDuplicates(**options).transform(frame, frames)
        made = {"minhash", "minhash_shingles"}
        assert set(done.columns) == (set(frame.columns) | {"duplicate_cluster"}) - made
        found = done.collect()
        assert sorted(r.doc_id for r in found) == sorted(r.doc_id for r in frame.select("doc_id").collect())
        return {row.doc_id: row for row in found}, frames

    return run


def test_agrees_with_brute_force_on_real_text(transformed):
    texts = planted(250)
    truth = brute_force(texts)
    found, frames = transformed(rows_of(texts))
    ids = [f"{n:032x}" for n in range(len(texts))]
    cluster = [found[i].duplicate_cluster or i for i in ids]
    assert sum(cluster[a] == cluster[b] for a, b in truth) >= 0.98 * len(truth) > 50
    dropped = [n for n, i in enumerate(ids) if found[i].drop_reason == "near_duplicate"]
    has_near = {n for pair in truth for n in pair}
    assert sum(n in has_near for n in dropped) >= 0.99 * len(dropped)
    assert frames.details["near_duplicates"]["documents"] == len(texts)
    for n in dropped:
        row = found[ids[n]]
        assert (row.drop_step, row.drop_detail) == ("near_duplicates", row.duplicate_cluster)
        assert 0.5 < row.drop_value <= 1


def test_the_kept_document_is_chosen_by_the_rule(transformed):
    text = real_documents(1)[0]
    texts = [text, f"{text} and some more words", edited(text, 1, random.Random(1))]
    ids = [f"{n:032x}" for n in range(3)]
    for options, expected in (
        ({}, 0),
        ({"keep": "longest"}, 1),
        ({"keep": "best_score", "score_column": "score"}, 2),
    ):
        found, _ = transformed(rows_of(texts, scores=[None, 0.5, 0.9]), **options)
        assert {found[i].duplicate_cluster for i in ids} == {ids[expected]}
        assert [i for i in ids if found[i].drop_step is None] == [ids[expected]]
    found, _ = transformed(
        rows_of(texts, scores=[0.9, 0.9, 0.9]), keep="best_score", score_column="score", index=None
    )
    assert found[ids[0]].drop_step is None


def test_null_empty_and_short_texts_are_never_duplicates(transformed):
    rows = rows_of([None, None, "", "", "four words are few", "four words are few"])
    found, frames = transformed(rows)
    assert {row.drop_step for row in found.values()} == {None}
    assert {row.duplicate_cluster for row in found.values()} == {None}
    assert frames.details["near_duplicates"]["documents"] == 0


def test_an_empty_day_leaves_an_empty_artefact(transformed):
    found, frames = transformed([])
    assert found == {}
    assert frames.extra["duplicate_index"]["near_duplicates"]["rows"] == 0


def test_a_day_of_one_text_keeps_one(transformed):
    text = real_documents(1)[0]
    found, frames = transformed(rows_of([text] * 200))
    kept = [i for i, row in found.items() if row.drop_step is None]
    assert kept == [f"{0:032x}"]
    assert {row.drop_value for row in found.values()} == {None, 1.0}
    assert frames.details["near_duplicates"]["compared_pairs"] == 199


def test_rows_that_left_before_are_neither_duplicates_nor_originals(transformed, spark):
    from pyspark.sql import functions as F  # noqa: N812

    text = real_documents(1)[0]
    frame = audit.with_audit(spark.createDataFrame(rows_of([text] * 3), SCHEMA))
    frame = audit.drop_where(frame, F.col("doc_id") == f"{0:032x}", step="earlier", reason="why")
    found, _ = transformed(None, frame=frame)
    assert [found[f"{n:032x}"].drop_step for n in range(3)] == ["earlier", None, "near_duplicates"]
    assert found[f"{0:032x}"].duplicate_cluster is None


def test_signatures_and_no_evidence_as_datatrove(transformed):
    texts = planted(120)
    by_signature, _ = transformed(rows_of(texts), verify="signature", index=None)
    as_datatrove, _ = transformed(rows_of(texts), verify="none", index=None)

    def dropped(found):
        return {i for i, row in found.items() if row.drop_step}

    assert dropped(by_signature) < dropped(as_datatrove)
    assert all(row.drop_value > 0.3 for row in by_signature.values() if row.drop_step)


def test_columns_that_a_step_before_made_are_used(transformed, spark):
    """The signature says that all are alike, the shingles that they are not."""
    texts = real_documents(3)
    rows = [(f"{n:032x}", text, signature(texts[0]), None) for n, text in enumerate(texts)]
    frame = audit.with_audit(spark.createDataFrame(rows, SCHEMA))
    _, frames = transformed(None, frame=frame)
    details = frames.details["near_duplicates"]
    assert (details["compared_pairs"] > 0, details["similar_pairs"]) == (True, 0)
    found, _ = transformed(None, frame=frame.withColumn("minhash_shingles", frame.minhash.substr(1, 4)))
    assert [row.drop_step for row in found.values()].count("near_duplicates") == 2


def test_without_a_signature_the_step_makes_its_own(transformed, spark):
    texts = real_documents(2)
    frame = audit.with_audit(spark.createDataFrame(rows_of([*texts, texts[0]]), SCHEMA))
    for options in ({}, {"verify": "signature"}, {"verify": "none"}, {"bands": 4, "rows": 5}):
        found, _ = transformed(None, frame=frame.drop("minhash"), **options)
        assert [row.drop_detail for row in found.values() if row.drop_step] == [f"{0:032x}"]


def test_a_signature_of_another_size_is_refused(transformed):
    with pytest.raises(RecipeError, match=r"14 x 16 hashes \(1792 bytes\) in minhash, got 896"):
        transformed(rows_of(real_documents(1)), bands=14, rows=16)


@pytest.mark.parametrize("options", [{"keep": "best_score"}, {"score_column": "score"}, {"bands": 8}])
def test_parameters_that_belong_together_are_asked_for(options):
    with pytest.raises(ValueError, match=r"score_column|bands and rows"):
        NearDuplicates(**options)


def test_columns():
    assert NearDuplicates().reads() == ("doc_id",)
    assert NearDuplicates(keep="best_score", score_column="q").reads() == ("doc_id", "q")
    assert NearDuplicates().adds() == {"duplicate_cluster": pa.string()}
