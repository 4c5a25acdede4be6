"""The stylesheet has every colour that plots ask for, in light and in dark."""

from __future__ import annotations

import re

import pytest

from penstock.report import plots
from penstock.report.stylesheet import STYLE


@pytest.mark.parametrize("role", plots._ROLES.values())
def test_every_role_has_a_light_and_a_dark_colour(role: str):
    assert len(re.findall(rf"--{role}: #[0-9a-f]{{6}};", STYLE)) == 2


def test_fetches_nothing():
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "</style" not in STYLE
