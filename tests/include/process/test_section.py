from __future__ import annotations

import pytest

from penstock.errors import RecipeError
from penstock.process.length import Length
from penstock.process.section import ProcessSection


def test_without_steps_nothing_is_done():
    assert ProcessSection().steps == ()


def test_a_step_is_found_by_its_kind():
    section = ProcessSection.model_validate({"steps": [{"kind": "length", "min_chars": 3}]})
    assert section.steps == (Length(min_chars=3),)


@pytest.mark.parametrize(
    ("process", "words"),
    [
        ("{steps: [{kind: lenght}]}", "did you mean length"),
        ("{steps: [{kind: length, min_char: 3}]}", "did you mean min_chars"),
        ("{steps: [{kind: length, min_chars: -1}]}", "greater than or equal to 0"),
        ("{steps: [{min_chars: 1}]}", "steps"),
        ("{step: []}", "did you mean steps"),
        ("{output_files: 0}", "greater than or equal to 1"),
    ],
)
def test_refuses_what_it_does_not_know_with_the_nearest_name(recipe_of, process, words):
    with pytest.raises(RecipeError, match=words):
        recipe_of(process)
