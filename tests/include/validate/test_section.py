"""The validate section."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.validate.section import ValidateSection


def test_an_empty_day_is_a_warning_unless_the_recipe_says_otherwise():
    assert ValidateSection().empty_day == "warn"
    assert ValidateSection().inputs() == {"empty_day": "warn"}


@pytest.mark.parametrize("garbage", [None, "", "maybe", 1])
def test_another_verdict_on_an_empty_day_is_refused(garbage):
    with pytest.raises(ValidationError):
        ValidateSection.model_validate({"empty_day": garbage})
