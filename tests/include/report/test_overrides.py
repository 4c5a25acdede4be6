"""Other values for a recipe's keys, by path, with the nearest name when there is no such key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.errors import RecipeError
from penstock.report.overrides import load_with
from penstock.report.steps import named_steps

MANY = (
    "{steps: [{kind: length, min_chars: 5}, {kind: tokens}, {kind: word_statistics}, {kind: length, max_chars: 9},"
    " {kind: columns, rename: {a: b}}]}"
)
Recipes = Callable[..., Path]


def test_without_settings_the_recipe_is_as_written(recipe_file: Recipes):
    assert load_with(recipe_file()).process.steps[0].min_chars == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("setting", "step", "name", "value"),
    [
        ("process.steps.length.min_chars=30", 0, "min_chars", 30),
        ("process.steps.length_2.max_chars=99", 3, "max_chars", 99),
        ("process.steps[3].max_chars=99", 3, "max_chars", 99),
        ("process.steps.3.max_chars=null", 3, "max_chars", None),
        ("process.steps.columns.rename.a=c", 4, "rename", {"a": "c"}),
        ("process.steps.columns.rename.new=d", 4, "rename", {"a": "b", "new": "d"}),
        ("process.missing=[x, y]", 4, "missing", ("x", "y")),
        ("process.tokens.lowercase=true", 1, "lowercase", True),
    ],
)
def test_sets_a_parameter_of_a_step(recipe_file: Recipes, setting: str, step: int, name: str, value: object):
    assert getattr(load_with(recipe_file(MANY), [setting]).process.steps[step], name) == value


def test_sets_keys_of_other_sections(recipe_file: Recipes):
    recipe = load_with(recipe_file(), ["store.namespace=other", "process.text_column=body", "description=hi"])
    assert (recipe.store.namespace, recipe.process.text_column, recipe.description) == ("other", "body", "hi")


def test_a_later_setting_wins(recipe_file: Recipes):
    recipe = load_with(recipe_file(), ["process.min_chars=1", "process.min_chars=2"])
    assert recipe.process.steps[0].min_chars == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("process.min_char=3", "did you mean min_chars?"),
        ("process.steps.lenght.min_chars=3", "did you mean length?"),
        ("process.steps.length.min_char=3", "did you mean min_chars?"),
        ("proces.min_chars=3", "did you mean process?"),
        ("process.steps.99.min_chars=3", "there are: columns, length, length_2"),
        ("process.lowercase=true", "process.steps.tokens.lowercase, process.steps.word_statistics.lowercase"),
        ("process.min_chars=3", "process.steps.length.min_chars, process.steps.length_2.min_chars"),
        ("process.steps.length.min_chars=many", "valid integer"),
        ("process.steps.length.min_chars.x=3", "to hold keys, but it is 5"),
        ("process.steps.length.min_chars=[", "expected a value in YAML"),
        ("process.min_chars", "expected a key and a value"),
        ("=3", "expected a key and a value"),
        ("dataset=Not a name", "String should match pattern"),
    ],
)
def test_a_wrong_setting_says_what_would_be_right(recipe_file: Recipes, setting: str, said: str):
    with pytest.raises(RecipeError) as refused:
        load_with(recipe_file(MANY), [setting])
    assert said in str(refused.value)


def test_steps_can_be_left_out(recipe_file: Recipes):
    recipe = load_with(recipe_file(MANY), without=["tokens", "length_2"])
    assert [named.name for named in named_steps(recipe.process.steps)] == [
        "length",
        "word_statistics",
        "columns",
    ]
    with pytest.raises(RecipeError, match="did you mean tokens"):
        load_with(recipe_file(MANY), without=["token"])


def test_a_variant_has_a_file_of_its_own_name(recipe_file: Recipes):
    assert load_with(recipe_file(name="stricter")).dataset == "notes"


def test_a_missing_file_is_said_with_the_nearest(recipe_file: Recipes):
    path = recipe_file()
    with pytest.raises(RecipeError, match="did you mean notes"):
        load_with(path.with_name("note.yaml"))


def test_an_anchor_is_set_in_one_place_only(tmp_path: Path):
    path = tmp_path / "notes.yaml"
    path.write_text(
        "dataset: notes\nstart: 2026-11-01\ningest: {source: {kind: folder, path: /nowhere}}\n"
        "process: {steps: [&s {kind: length, min_chars: 1}, *s]}\n"
    )
    recipe = load_with(path, ["process.steps.length.min_chars=9"])
    assert [step.min_chars for step in recipe.process.steps] == [9, 1]  # type: ignore[attr-defined]
