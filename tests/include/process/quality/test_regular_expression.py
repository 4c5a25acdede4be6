from __future__ import annotations

import pytest

from penstock.errors import RecipeError
from penstock.process.quality.regular_expression import RegularExpression
from support.growth import assert_in_proportion


def test_one_match_drops(apply_to):
    step = RegularExpression(pattern=r"\d{3}")
    _, verdict = apply_to(step, "call 12345")
    assert verdict == ("regular_expression", 1, "123")
    assert apply_to(step, "call 12")[1] is None
    assert apply_to(step, None)[1] is None


def test_bounds_count_matches(apply_to):
    assert apply_to(RegularExpression(pattern="a", min=1), "b")[1].detail == "less than 1"
    assert apply_to(RegularExpression(pattern="a", min=1), "a")[1] is None
    assert apply_to(RegularExpression(pattern="a", max=2), "aaa")[1].value == 3
    document, verdict = apply_to(RegularExpression(pattern="é", annotate="count"), "éé")
    assert (document["count"], verdict) == (2, None)


def test_a_pattern_that_re2_refuses_is_an_error_of_the_recipe(recipe_of):
    with pytest.raises(RecipeError, match=r"pattern: .*no look-around.*\(\?=a\)"):
        recipe_of("{steps: [{kind: regular_expression, pattern: '(?=a)b'}]}")


@pytest.mark.parametrize(("pattern", "bound", "unit"), [("(a|aa)+$", {}, "a"), ("(x+x+)+y", {"max": 3}, "x")])
def test_an_adversarial_pattern_takes_time_in_proportion(apply_to, pattern, bound, unit):
    step = RegularExpression(pattern=pattern, **bound)
    assert_in_proportion(lambda size: apply_to(step, unit * size + "b"), 1_000_000)
