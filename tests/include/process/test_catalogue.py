from __future__ import annotations

from pathlib import Path

import pytest

from penstock.params import members
from penstock.process import catalogue
from penstock.process.section import STEP_GROUP, STEP_PACKAGE
from penstock.process.step import Step

PAGE = Path(__file__).parents[3] / "docs/filters.md"


def test_the_page_is_what_the_steps_say():
    text = PAGE.read_text(encoding="utf-8")
    assert catalogue.update(text) == text, "run: bin/penstock recipe steps --update docs/filters.md"


def test_every_step_is_described_with_its_parameters():
    infos = {info.kind: info for info in catalogue.describe()}
    assert set(infos) == set(members(Step, package=STEP_PACKAGE, group=STEP_GROUP))
    assert all(info.summary for info in infos.values())
    assert infos["exact_duplicates"].shape == "frame"
    (required,) = [p for p in infos["bad_words"].parameters if p.is_required]
    assert (required.name, required.type) == ("lists", "map to (list or file)")
    defaults = {p.name: (p.type, p.default) for p in infos["url_filter"].parameters}
    assert defaults["soft_threshold"] == ("integer", 2)
    assert defaults["missing"] == ("keep | drop", "keep")
    assert defaults["domains"] == ("list or file", None)


def test_a_page_without_a_mark_is_refused():
    with pytest.raises(ValueError, match="expected a page with the line <!--"):
        catalogue.update("# A page\n")


def test_every_rule_is_in_the_table():
    assert "| `top_ngram_share` | dolma |" in catalogue.markdown()
    assert "0.2 (n = 2), 0.18 (n = 3), 0.16 (n = 4)" in catalogue.markdown()
