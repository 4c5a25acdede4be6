from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Literal

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.process import tokenizer
from penstock.process.clean.unicode import Unicode
from penstock.process.clean.whitespace import Whitespace
from penstock.process.document_pass import batch_runner, run_batch
from penstock.process.hashed_ngrams import HashedNgrams
from penstock.process.label import Label
from penstock.process.language import Language
from penstock.process.length import Length
from penstock.process.pii.mask_pii import MaskPii
from penstock.process.plan import DocumentPass, NamedStep, build_passes
from penstock.process.quality.bad_words import BadWords
from penstock.process.step import Context, Document, DocumentStep, Drop, Verdicts
from penstock.process.tokens import Tokens
from penstock.process.word_statistics import WordStatistics

CONTEXT = Context(dataset="notes", run_key="2026-11-16")
ALL = (
    Unicode(unescape_html=True), Whitespace(), Length(max_chars=5000), Language(), Tokens(), WordStatistics(),
    MaskPii(), Label(), HashedNgrams(han_characters=(1, 2)),
)  # fmt: skip


class Trouble(DocumentStep):
    """Raise where the text says so; spoil a column's type where it says so."""

    kind: Literal["trouble"] = "trouble"

    def adds(self) -> dict[str, pa.DataType]:
        return {"size": pa.int32()}

    def apply(self, document: Document, context: Context) -> Drop | None:
        if document.text == "raise":
            document["no such column"]
        document["size"] = "much" if document.text == "spoil" else len(document.text)
        if document.text == "surrogate":
            document.text = "\ud800"
        return None


class AllOrNothing(DocumentStep):
    """Raise for a whole batch when one document is bad, as a model does."""

    kind: Literal["all_or_nothing"] = "all_or_nothing"

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        if any(document.text == "bad" for document in documents):
            raise MemoryError(len(documents))
        return [None] * len(documents)


class Forgetful(DocumentStep):
    """Forget the verdict on the last document of a batch of two or more."""

    kind: Literal["forgetful"] = "forgetful"

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        return [None] * max(1, len(documents) - 1)


def run_local(steps: Sequence[DocumentStep], table: pa.Table) -> list[dict]:
    """Run steps whose classes no executor could import."""
    only = DocumentPass(tuple(NamedStep(step.kind, step) for step in steps), CONTEXT)
    return [row for batch in table.to_batches() for row in run_batch(only, batch).to_pylist()]


def test_every_row_goes_out_once_with_its_reason(run_fused, raw_of):
    rows = run_fused(
        [Whitespace(), Length(min_chars=3, max_chars=5)],
        raw_of([" good ", None, "", "no", "too long", "good"]),
    )
    assert [(r["text"], r["drop_step"], r["drop_reason"], r["drop_value"]) for r in rows.to_pylist()] == [
        ("good", None, None, None),
        (None, "whitespace", "empty_text", 0.0),
        ("", "whitespace", "empty_text", 0.0),
        ("no", "length", "too_short", 2.0),
        ("too long", "length", "too_long", 8.0),
        ("good", None, None, None),
    ]


def test_columns_that_no_step_names_pass_as_they_came(run_fused, raw_of):
    extra = pa.array([{"line": 1, "raw": b"\xff"}, None])
    table = raw_of(["a", "b"], provenance=extra, seen=pa.array([1, None], type=pa.uint8()))
    done = run_fused([Whitespace()], table)
    assert done["provenance"].to_pylist() == extra.to_pylist()
    assert done.schema.field("seen").type == pa.uint8()
    assert done.column_names[:4] == ["doc_id", "text", "provenance", "seen"]


def test_an_empty_batch_has_the_new_columns(context, table_of):
    (only,) = build_passes([Language(), Tokens()], context)
    empty = pa.RecordBatch.from_pylist([], schema=table_of(["a"]).schema)
    done = run_batch(only, empty)
    assert done.num_rows == 0
    assert done.schema.names[-3:] == ["lang", "lang_score", "tokens"]


def test_the_words_of_a_text_are_found_once_however_many_steps_ask(run_fused, raw_of, monkeypatch):
    seen: list[str] = []
    real = tokenizer.tokenize

    def spy(text, language=None):
        seen.append(text)
        return real(text, language)

    monkeypatch.setattr(tokenizer, "tokenize", spy)
    run_fused(
        [Tokens(), WordStatistics(), HashedNgrams(), WordStatistics(lowercase=True)], raw_of(["a b", "c"])
    )
    assert seen == ["a b", "c"]
    seen.clear()
    run_fused([Tokens(), MaskPii(), WordStatistics(), HashedNgrams()], raw_of(["a b", "x@y.org"]))
    assert seen == ["a b", "x@y.org", "<EMAIL>"]


def test_a_document_on_which_a_step_raises_leaves_alone(table_of):
    rows = run_local([Trouble(), Tokens()], table_of(["fine", "raise", "fine"]))
    assert [row["drop_reason"] for row in rows] == [None, "process:trouble:KeyError", None]
    assert "name it in the step's reads()" in rows[1]["drop_detail"]
    assert [row["tokens"] for row in rows] == [["fine"], None, ["fine"]]


def test_a_value_that_does_not_fit_its_column_sends_its_document_away_alone(table_of):
    rows = run_local([Trouble()], table_of(["fine", "spoil", "surrogate"]))
    assert [row["size"] for row in rows] == [4, None, 9]
    assert rows[0]["drop_reason"] is None
    assert rows[1]["drop_reason"] in {"process:trouble:ArrowInvalid", "process:trouble:ArrowTypeError"}
    assert rows[2]["drop_reason"] == "process:read:UnicodeEncodeError"
    assert rows[2]["text"] == "?"


def test_a_batch_that_fails_is_tried_one_by_one(table_of):
    rows = run_local([AllOrNothing()], table_of(["fine", "bad", "fine"]))
    assert [row["drop_reason"] for row in rows] == [None, "process:all_or_nothing:MemoryError", None]
    assert rows[1]["drop_detail"] == "1"


def test_a_batch_with_too_few_verdicts_loses_nobody(table_of):
    assert [row["drop_reason"] for row in run_local([Forgetful()], table_of(["a", "b", "c"]))] == [None] * 3


def test_text_that_is_not_utf_8_goes_to_quarantine_and_harms_no_neighbour(table_of):
    table = table_of(["good", "x", "fine"])
    spoiled = pa.array([b"good", b"\xff\xfe", b"fine"], type=pa.binary())
    broken = pa.StringArray.from_buffers(3, *spoiled.buffers()[1:])
    rows = run_local([Whitespace()], table.set_column(1, "text", broken))
    assert [row["drop_reason"] for row in rows] == [None, "process:read:UnicodeDecodeError", None]
    assert [row["text"] for row in rows] == ["good", "\ufffd\ufffd", "fine"]


def test_rows_that_left_before_are_not_shown_to_a_step(table_of):
    table = table_of(["raise", "fine"])
    position = table.column_names.index("drop_step")
    table = table.set_column(position, "drop_step", pa.array(["earlier", None]))
    rows = run_local([Trouble()], table)
    assert [(row["drop_step"], row["drop_reason"], row["size"]) for row in rows] == [
        ("earlier", None, None),
        (None, None, 4),
    ]


def test_what_is_shipped_is_a_name_and_a_text(context):
    (only,) = build_passes(ALL, context)
    shipped = pickle.dumps(batch_runner(only))
    assert len(shipped) < 5000
    assert b"penstock.process.document_pass" in shipped


TEXTS = st.lists(
    st.one_of(
        st.none(),
        st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60),
        st.sampled_from(
            [
                "a@b.io wrote",
                "8.8.8.8",
                "我爱北京天安门",
                "Tom &amp; Jerry",
                "שלום \U0001f600",
                "\x00\ufeff",
                "same",
            ]
        ),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS, batch_rows=st.integers(1, 7), seed=st.randoms(use_true_random=False))
def test_rows_do_not_depend_on_batches_nor_on_their_order(run_fused, raw_of, texts, batch_rows, seed):
    ratings = pa.array([float(len(t or "")) / 10 - 2 for t in texts], type=pa.float64())
    table = raw_of(texts, rating=ratings)
    together = {row["doc_id"]: row for row in run_fused(ALL, table).to_pylist()} if texts else {}
    order = list(range(len(texts)))
    seed.shuffle(order)
    apart = run_fused(ALL, table.take(order), batch_rows=batch_rows).to_pylist() if texts else []
    assert len(apart) == len(texts)
    assert {row["doc_id"]: row for row in apart} == together


def test_a_text_of_50_mb_is_one_of_many(run_fused, raw_of):
    huge = "word " * 10_000_000
    rows = run_fused(ALL, raw_of([huge, "small"], rating=[None, 1.0])).to_pylist()
    assert [(row["drop_reason"], row["drop_value"]) for row in rows] == [
        ("too_long", 49_999_999.0),
        (None, None),
    ]
    without_bound = [step for step in ALL if not isinstance(step, Length)]
    (row,) = run_fused(without_bound, raw_of([huge], rating=[0.0])).to_pylist()
    assert (row["drop_reason"], row["word_count"]) == (None, 200_000)


def test_the_language_of_an_earlier_pass_or_of_the_source_is_known(run_fused, raw_of):
    step = BadWords(lists={"de": ["böse"], "en": ["rude"]})
    rows = run_fused([step], raw_of(["böse rude", "böse rude", "böse"], lang=["de", "en", None])).to_pylist()
    assert [row["drop_detail"] for row in rows] == ["böse", "rude", None]
