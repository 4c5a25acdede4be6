"""Native steps in a pass: texts, rows, and steps of Python between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.process import native
from penstock.process.document_pass import run_batch
from penstock.process.length import Length
from penstock.process.plan import DocumentPass, NamedStep
from penstock.process.quality.c4 import C4, C4Paragraphs
from penstock.process.quality.fineweb import Fineweb
from penstock.process.quality.gopher_quality import GopherQuality
from penstock.process.quality.gopher_repetition import GopherRepetition
from penstock.process.quality.text_metrics import TextMetrics
from penstock.process.step import Context, Document, DocumentStep, Drop
from penstock.process.texts import Texts, valid_texts
from penstock.text.reference.c4 import c4
from penstock.text.reference.fineweb import fineweb_reason
from support.texts import TEXTS, texts

CONTEXT = Context(dataset="notes", run_key="2026-11-16")
LOOSE = C4(min_num_sentences=1, min_words_per_line=1)
PROSE = "The first sentence is here. The second one follows it.\nno end\nA third is the last of them."


class Shout(DocumentStep):
    """Write in capitals what has an exclamation mark; see nothing else."""

    kind: Literal["shout"] = "shout"

    def adds(self) -> dict[str, pa.DataType]:
        return {"loud": pa.bool_()}

    def might_match(self, texts: Texts) -> np.ndarray:
        return np.array([b"!" in (texts.text(i) or "").encode() for i in range(len(texts.starts))])

    def unmatched(self) -> Mapping[str, object]:
        return {"loud": False}

    def apply(self, document: Document, context: Context) -> Drop | None:
        assert "!" in document.text
        document.text = document.text.upper()
        document["loud"] = True
        return Drop("too_loud") if "!!" in document.text else None


def run_local(steps: list[DocumentStep], table: pa.Table) -> list[dict[str, Any]]:
    only = DocumentPass(tuple(NamedStep(step.kind, step) for step in steps), CONTEXT)
    return [row for batch in table.to_batches() for row in run_batch(only, batch).to_pylist()]


def test_a_rule_lets_documents_leave_with_reason_and_value(table_of):
    rows = run_local([GopherQuality(min_doc_words=3)], table_of(["the word and of it", "one", None, ""]))
    assert [(r["drop_step"], r["drop_reason"], r["drop_value"]) for r in rows] == [
        ("gopher_quality", "gopher_below_avg_threshold", 2.8),
        ("gopher_quality", "gopher_short_doc", 1.0),
        ("gopher_quality", "gopher_short_doc", 0.0),
        ("gopher_quality", "gopher_short_doc", 0.0),
    ]
    assert [r["text"] for r in rows] == ["the word and of it", "one", None, ""]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_changed_text_is_written_back_in_its_type(table_of, kind):
    table = table_of([PROSE, "no end", None, PROSE])
    table = table.set_column(1, "text", table["text"].cast(kind)).slice(0, 4)
    rows = run_local([LOOSE], table)
    assert [r["text"] for r in rows] == [
        c4(PROSE, min_sentences=1)[1],
        "no end",
        None,
        c4(PROSE, min_sentences=1)[1],
    ]
    assert [r["drop_reason"] for r in rows] == [None, "too_few_sentences", "too_few_sentences", None]


def test_a_slice_of_an_array_is_read_at_its_place(table_of):
    table = table_of(["x", PROSE, "y"])
    (row,) = run_local([LOOSE], table.slice(1, 1))
    assert row["text"] == c4(PROSE, min_sentences=1)[1]


def test_text_that_no_step_changes_passes_without_a_copy(table_of, context):
    batch = table_of([PROSE, "short"]).to_batches()[0]
    only = DocumentPass((NamedStep("gopher_quality", GopherQuality()),), context)
    done = run_batch(only, batch)
    assert done.column("text").buffers()[2].address == batch.column("text").buffers()[2].address


def test_a_pass_of_native_steps_alone_makes_no_python_document(table_of, monkeypatch):
    monkeypatch.setattr("penstock.process.rows.Document", None)
    rows = run_local(
        [GopherRepetition(top_n_grams={}, dup_n_grams={}), LOOSE, Fineweb(), TextMetrics()],
        table_of([PROSE, "", None]),
    )
    assert [r["drop_reason"] for r in rows] == [None, "empty", "empty"]


def test_bytes_that_are_not_utf_8_go_to_quarantine_and_harm_no_neighbour(table_of):
    table = table_of([PROSE, "x", PROSE])
    spoiled = pa.array([PROSE.encode(), b"\xff\xfe", PROSE.encode()], type=pa.binary())
    broken = pa.StringArray.from_buffers(3, *spoiled.buffers()[1:])
    rows = run_local([LOOSE], table.set_column(1, "text", broken))
    assert [r["drop_reason"] for r in rows] == [None, "process:read:UnicodeDecodeError", None]
    assert [r["text"] for r in rows] == [rows[0]["text"], "\ufffd\ufffd", rows[0]["text"]]


def test_python_steps_see_what_native_ones_left_and_the_other_way_round(table_of):
    many = ["Say it! The line is here.\nno end", "quiet line.", "short", "Too loud!! It is."]
    rows = run_local([LOOSE, Shout(), Length(min_chars=12), TextMetrics()], table_of(many))
    assert [r["text"] for r in rows] == [
        "SAY IT! THE LINE IS HERE.",
        "quiet line.",
        "short",
        "TOO LOUD!! IT IS.",
    ]
    assert [r["drop_reason"] for r in rows] == [None, "too_short", "too_few_sentences", "too_loud"]
    assert [r["loud"] for r in rows] == [True, False, None, True]
    assert [r["gopher_words"] for r in rows] == [6.0, None, None, None]


def test_a_column_of_a_native_step_can_be_read_by_a_python_step(table_of):
    class Judge(DocumentStep):
        kind: Literal["judge"] = "judge"

        def reads(self) -> tuple[str, ...]:
            return ("gopher_words",)

        def apply(self, document: Document, context: Context) -> Drop | None:
            words = document["gopher_words"]
            return Drop("few", words) if words < 3 else None

    rows = run_local([TextMetrics(), Judge()], table_of(["one two three", "one"]))
    assert [(r["drop_reason"], r["drop_value"]) for r in rows] == [(None, None), ("few", 1.0)]


def test_all_metrics_are_columns_and_nothing_leaves(table_of):
    rows = run_local([TextMetrics()], table_of([*TEXTS, None]))
    assert {r["drop_reason"] for r in rows} == {None}
    assert [r["text"] for r in rows] == [*TEXTS, None]
    columns = {name for name in rows[0] if name.startswith(("gopher_", "c4_", "fineweb_"))}
    assert len(columns) == 29
    assert rows[0]["gopher_words"] == 5.0
    assert rows[-1]["gopher_dup_para_frac"] is None


def test_a_text_beyond_the_reach_of_the_kernel_goes_to_quarantine(table_of, monkeypatch):
    monkeypatch.setattr(native, "MAX_BYTES", 10)
    rows = run_local(
        [GopherQuality(min_doc_words=0, min_stop_words=0)], table_of(["short", "longer than that"])
    )
    assert [r["drop_reason"] for r in rows] == [None, "process:gopher_quality:OverflowError"]


def test_paragraphs_have_the_number_in_their_reason(table_of):
    rows = run_local([C4Paragraphs(min_paragraphs=2, min_paragraph_len=3)], table_of(["abc\nabc", "abc\nab"]))
    assert [(r["drop_reason"], r["drop_value"]) for r in rows] == [(None, None), ("< 2 paragraphs", 1.0)]


def test_a_step_shows_python_documents_to_the_kernel_too(apply_to):
    document, verdict = apply_to(LOOSE, PROSE)
    assert verdict is None
    assert document.text == c4(PROSE, min_sentences=1)[1]
    assert apply_to(GopherQuality(), "x")[1] == Drop("gopher_short_doc", 1.0)


def test_a_column_of_another_type_is_no_text(table_of):
    array, errors = valid_texts(pa.array([1, None]))
    assert (array.to_pylist(), errors) == ([1, None], {})
    assert Texts(array).text(0) == ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | texts(), max_size=6), st.integers(1, 3))
def test_a_chain_gives_what_the_specification_gives(table_of, many, size):
    table = table_of(many)
    steps = [LOOSE, Fineweb()]
    rows = [row for start in range(0, len(many), size) for row in run_local(steps, table.slice(start, size))]
    for text, row in zip(many, rows, strict=True):
        reason, left = c4(text or "", min_sentences=1, min_line_words=1)
        assert row["drop_reason"] == (reason or fineweb_reason(left))
        assert row["text"] == (text if reason else left)


class FromBytes(DocumentStep):
    """Make the text of a column of bytes, as an extraction does; one byte is one that it fails on."""

    kind: Literal["from_bytes"] = "from_bytes"
    reads_text = False

    def reads(self) -> tuple[str, ...]:
        return ("content",)

    def adds(self) -> dict[str, pa.DataType]:
        return {"text": pa.string()}

    def apply(self, document: Document, context: Context) -> Drop | None:
        content = document["content"]
        document["text"] = None if content is None else content.decode()
        return Drop("no_text") if content == b"" else None


def test_a_text_that_a_step_makes_is_seen_by_the_kernel(table_of):
    contents = [PROSE.encode(), b"short", b"", None, b"\xff"]
    table = table_of(["x"] * len(contents)).drop_columns("text")
    table = table.append_column("content", pa.array(contents, type=pa.binary()))
    rows = run_local([FromBytes(), LOOSE, Length(max_chars=200)], table)
    assert [row["drop_reason"] for row in rows] == [
        None, "too_few_sentences", "no_text", "too_few_sentences", "process:from_bytes:UnicodeDecodeError"
    ]  # fmt: skip
    assert (
        rows[0]["text"]
        == "The first sentence is here. The second one follows it.\nA third is the last of them."
    )
