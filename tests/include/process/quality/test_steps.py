"""The parameters of the steps gopher_repetition, gopher_quality, c4, fineweb and text_metrics."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.process.quality.c4 import C4
from penstock.process.quality.fineweb import Fineweb
from penstock.process.quality.gopher_quality import GopherQuality
from penstock.process.quality.gopher_repetition import GopherRepetition
from penstock.process.quality.text_metrics import TextMetrics
from penstock.process.step import Drop, NativeStep

REPEATED = "the same line is here\n" * 4
STEPS = [GopherRepetition(), GopherQuality(), C4(), Fineweb(), TextMetrics()]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.kind)
def test_a_step_survives_its_json(step: NativeStep):
    assert type(step).model_validate_json(step.model_dump_json()) == step


def test_a_limit_changes_the_decision(apply_to):
    assert apply_to(GopherRepetition(), REPEATED)[1] == Drop("dup_line_frac", pytest.approx(3 / 5))
    loose = GopherRepetition(
        dup_line_frac=None, dup_line_char_frac=0, top_n_grams={2: 0.9}, dup_n_grams={5: 0.5, 6: 1.0}
    )
    assert apply_to(loose, REPEATED)[1].reason == "duplicated_5_n_grams"


def test_metrics_can_be_kept_while_documents_leave(apply_to):
    document, verdict = apply_to(GopherRepetition(keep_metrics=True), REPEATED)
    assert verdict.reason == "dup_line_frac"
    assert document["gopher_duplicated_10_n_grams"] > 0
    document, verdict = apply_to(GopherRepetition(keep_metrics=True, drop=False), REPEATED)
    assert verdict is None
    assert document["gopher_dup_line_frac"] == pytest.approx(3 / 5)


def test_stop_words_are_a_parameter(apply_to):
    loose = {"min_doc_words": 0, "min_avg_word_length": 0}
    assert apply_to(GopherQuality(**loose), "el perro y la gata")[1] == Drop("gopher_enough_stop_words", 0.0)
    assert apply_to(GopherQuality(**loose, stop_words=("el", "y")), "el perro y la gata")[1] is None


def test_c4_judges_lines_or_sentences(apply_to):
    text = "A line of code is\nhere. no. Here is the last one."
    lines, _ = apply_to(C4(min_num_sentences=-1), text)
    assert lines.text == "here. no. Here is the last one."
    sentences, verdict = apply_to(C4(min_num_sentences=2, split_paragraph=False), text)
    assert (sentences.text, verdict) == ("A line of code is\nhere. Here is the last one.", None)
    assert apply_to(C4(split_paragraph=False), text)[1] == Drop("too_few_sentences", 2.0)


def test_the_marks_at_the_end_of_a_line_are_a_parameter(apply_to):
    text = "this line is long enough for the rule;\nand so it is with the second;"
    assert apply_to(Fineweb(), text)[1] == Drop("line_punct_ratio", 0.0)
    assert apply_to(Fineweb(stop_chars=(";",)), text)[1] is None
    assert apply_to(Fineweb(stop_chars=("rule;", "。")), text)[1] is None
    assert apply_to(Fineweb(stop_chars=("。",)), text)[1] == Drop("line_punct_ratio", 0.0)


def test_unknown_and_senseless_parameters_are_refused():
    with pytest.raises(ValidationError):
        GopherRepetition(top_n_grams={0: 0.1})
    with pytest.raises(ValidationError):
        Fineweb(line_punkt_thr=0.1)
    for marks in ((), ("",)):
        with pytest.raises(ValidationError):
            Fineweb(stop_chars=marks)
