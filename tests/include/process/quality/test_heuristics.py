from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from penstock.errors import RecipeError
from penstock.process.quality.heuristics import Heuristics
from support.golden_rules import PROSE

GOOD = PROSE.replace("…", ".")


def test_without_rules_all_with_published_bounds_apply(apply_to):
    assert apply_to(Heuristics(), GOOD)[1] is None
    _, verdict = apply_to(Heuristics(), "the end of every story.")
    assert (verdict.reason, verdict.value) == ("word_count", 5)
    assert verdict.detail == "nemo_curator: less than 50"
    assert len(Heuristics(definition="dolma").checks) == 21


def test_a_value_equal_to_a_bound_stays(apply_to):
    step = Heuristics(rules=[{"rule": "word_count", "min": 4, "max": 4}])
    assert apply_to(step, "a b c d")[1] is None
    assert apply_to(step, "a b c")[1].detail == "nemo_curator: less than 4"
    assert apply_to(step, "a b c d e")[1].detail == "nemo_curator: more than 4"


def test_own_bounds_replace_both_published_ones(apply_to):
    step = Heuristics(rules=[{"rule": "word_count", "max": 4}])
    assert apply_to(step, "a")[1] is None


def test_annotate_keeps_the_number_and_the_document(apply_to):
    step = Heuristics(rules=[{"rule": "word_count", "annotate": "words"}, "digit_share"])
    document, verdict = apply_to(step, "a b 3")
    assert (document["words"], verdict.reason) == (3, "digit_share")
    assert step.adds() == {"words": pa.float64()}
    assert apply_to(step, None)[0]["words"] == 0


def test_an_n_is_in_the_reason(apply_to):
    step = Heuristics(rules=[{"rule": "top_ngram_share", "n": 2, "max": 0}])
    assert apply_to(step, "go home")[1].reason == "top_ngram_share_2"
    assert [check.n for check in Heuristics(rules=["top_ngram_share"]).checks] == [2, 3, 4]


def test_a_rule_without_an_answer_does_not_decide(apply_to):
    assert apply_to(Heuristics(rules=["mean_word_length"]), "")[1] is None


def test_each_rule_may_follow_another_tool(apply_to):
    rules = [
        {"rule": "ellipsis_line_share", "definition": tool, "annotate": tool}
        for tool in ("nemo_curator", "dolma")
    ]
    document, _ = apply_to(Heuristics(rules=rules), "...\n" + PROSE)
    assert document["nemo_curator"] == 0.5
    assert document["dolma"] == 0.25


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("[wordcount]", "did you mean word_count"),
        ("[{rule: word_count, n: 2}]", "expected no n, got 2"),
        ("[{rule: word_count, min: 3, max: 2}]", r"expected max to be at least min \(3"),
        ("[{rule: word_count, min: 3, annotate: x}]", "expected annotate or bounds, got both"),
        ("[{rule: line_count}]", "nemo_curator publishes no bounds"),
        ("[{rule: top_ngram_share, annotate: x}]", "expected a column for each rule"),
        ("[{rule: word_count, least: 3}]", "least: unknown key"),
    ],
)
def test_a_wrong_rule_is_refused_when_the_recipe_is_read(recipe_of, rules, message):
    with pytest.raises(RecipeError, match=message):
        recipe_of(f"{{steps: [{{kind: heuristics, rules: {rules}}}]}}")


def test_is_itself_again_on_an_executor(run_fused, raw_of):
    step = Heuristics(rules=["word_count", {"rule": "top_ngram_share", "n": 3, "annotate": "top"}])
    rows = run_fused([step], raw_of([GOOD, "short", None, ""])).to_pylist()
    assert [row["drop_reason"] for row in rows] == [None, "word_count", "word_count", "word_count"]
    assert rows[0]["top"] > 0


def test_an_unknown_definition_is_refused():
    with pytest.raises(ValidationError):
        Heuristics(definition="mine")
