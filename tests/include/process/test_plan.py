from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from penstock.errors import RecipeError
from penstock.process.bert import Bert
from penstock.process.clean.whitespace import Whitespace
from penstock.process.columns import Columns
from penstock.process.duplicates.exact_duplicates import ExactDuplicates
from penstock.process.label import Label
from penstock.process.language import Language
from penstock.process.length import Length
from penstock.process.plan import DocumentPass, FramePass, build_passes, check_columns, needed_models
from penstock.process.sentiment import Sentiment
from penstock.process.step import Step


def names(passes):
    return [[n.name for n in p.steps] if isinstance(p, DocumentPass) else p.named.name for p in passes]


def test_adjacent_document_steps_are_one_pass(context):
    steps = [Whitespace(), Length(), ExactDuplicates(), Length(), Language()]
    assert names(build_passes(steps, context)) == [
        ["whitespace", "length"],
        "exact_duplicates",
        ["length_2", "language"],
    ]


def test_steps_of_one_kind_have_names_of_their_own(context):
    steps = [Length(), ExactDuplicates(), Length(min_chars=1), Length(min_chars=2)]
    assert names(build_passes(steps, context)) == [["length"], "exact_duplicates", ["length_2", "length_3"]]


def test_no_steps_are_no_pass(context):
    assert build_passes([], context) == []


def test_a_pass_comes_back_from_json_as_it_was(context):
    (before,) = build_passes([Whitespace(keep_lines=True), Length(max_chars=9), Bert()], context)
    assert DocumentPass.from_json(before.to_json()) == before
    assert "penstock.process.length:Length" in before.to_json()


def test_an_unknown_step_class_is_refused_with_what_to_do(context):
    (only,) = build_passes([Length()], context)
    for wrong, reason in (
        ("no_such_module:Step", "ModuleNotFoundError"),
        ("penstock.process.length:Width", "Attribute"),
    ):
        text = only.to_json().replace("penstock.process.length:Length", wrong)
        with pytest.raises(RecipeError, match=rf"{wrong} to be importable.*{reason}.*install the package"):
            DocumentPass.from_json(text)
    with pytest.raises(RecipeError, match="to be a step class, got type"):
        DocumentPass.from_json(only.to_json().replace("length:Length", "document:Document"))


def test_refuses_a_step_of_neither_kind(context):
    class Neither(Step):
        kind: str = "neither"

    with pytest.raises(RecipeError, match="neither: expected a DocumentStep or a FrameStep"):
        build_passes([Neither()], context)


RAW = ["doc_id", "run_key", "rating", "text"]


def test_knows_the_columns_after_the_last_step():
    steps = [Language(), Label(), Columns(rename={"rating": "stars"}, drop=("source",)), ExactDuplicates()]
    found = check_columns(steps, [*RAW, "source"], where="recipe notes", text_column="text")
    assert found == ("doc_id", "run_key", "text", "lang", "lang_score", "label", "stars")


@pytest.mark.parametrize(
    ("steps", "columns", "words"),
    [
        (
            [Label()],
            ["doc_id", "text", "ratings"],
            "step label expected a column 'rating'.*did you mean ratings",
        ),
        ([Bert(), Language()], RAW, "step bert expected a column 'lang'.*put the step that adds it first"),
        ([Length()], ["doc_id", "zzz"], "step length expected a column 'text'.*there are: doc_id, zzz"),
        ([Columns(drop=("rating",)), Label()], RAW, "step label expected a column 'rating'"),
        ([ExactDuplicates()], ["text"], "'doc_id'"),
    ],
)
def test_refuses_a_step_whose_columns_are_not_there(steps, columns, words):
    with pytest.raises(RecipeError, match=words):
        check_columns(steps, columns, where="recipe notes", text_column="text")


def test_names_each_model_once():
    assert needed_models([Length(), Sentiment(), Sentiment(), Sentiment(model="other")]) == (
        "opinion_model",
        "other",
    )


def test_the_executor_needs_neither_airflow_nor_the_recipe():
    import subprocess

    code = (
        "import sys, penstock.process.document_pass, penstock.process.length; "
        "heavy = ('airflow', 'pyspark', 'penstock.recipe', 'sklearn', 'onnxruntime', 'jieba'); "
        "bad = [m for m in heavy if m in sys.modules]; "
        "print(bad)"
    )
    root = Path(__file__).parents[3] / "include"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_json_is_plain(context):
    (only,) = build_passes([Length()], context)
    assert set(json.loads(only.to_json())) == {"context", "steps"}
    assert isinstance(build_passes([ExactDuplicates()], context)[0], FramePass)
