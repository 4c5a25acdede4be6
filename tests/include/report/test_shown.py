"""What is shown of a text from outside harms nobody and tells nothing private."""

from __future__ import annotations

import pytest
from tests.include.report.conftest import HOSTILE

from penstock.report import shown


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_steers_a_terminal_or_turns_the_writing(text: str):
    found = shown.show(text)
    assert not {char for char in found if not char.isprintable()} - {"\n", "\t"}
    assert len(found) <= shown.MAX_CHARS + 1


def test_personal_data_is_masked_also_where_the_text_is_cut():
    assert "jane.doe" not in shown.show("write to jane.doe@example.com today")
    assert "jane" not in shown.show("x" * 395 + " jane.doe@example.com")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (0.5, "0.5"),
        (7, "7"),
        ([1, "a"], '[1, "a"]'),
        (b"\xff ok", "\N{REPLACEMENT CHARACTER} ok"),
        ("", ""),
    ],
)
def test_every_kind_of_value_is_text(value: object, expected: str):
    assert shown.show(value) == expected


def test_joined_emoji_stay_whole():
    assert shown.show("\U0001f469\u200d\U0001f680") == "\U0001f469\u200d\U0001f680"


def test_a_line_has_no_line_break():
    assert shown.show_line("a\n\nb\tc") == "a b c"


def test_a_row_without_text_shows_its_values_and_not_its_nulls():
    row = {"doc_id": "1", "station": "EWR", "gust": None, "speed": 3.25, "run_key": "2026-11-16", "names": []}
    assert shown.show_row(row, without=("doc_id",)) == "station EWR · speed 3.25"


def test_a_text_that_cannot_be_masked_is_not_shown(monkeypatch: pytest.MonkeyPatch):
    step = shown._mask_step()
    monkeypatch.setattr(type(step), "apply_batch", lambda *_: [ValueError("no")])
    assert shown.show("secret") == "(not shown: masking it failed with ValueError)"
