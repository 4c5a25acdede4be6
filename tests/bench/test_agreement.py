from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def agreement(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    import agreement

    return agreement


def test_every_kind_of_difference_is_listed_once(agreement):
    decide = agreement.Decision
    kept, dropped = decide(None, None, "a"), decide("c4", "lorem_ipsum", value=3.0)
    ours = {
        "same": kept,
        "verdict": dropped,
        "reason": dropped,
        "text": decide(None, None, "abX"),
        "extra": kept,
    }
    theirs = {
        "same": kept, "verdict": kept, "reason": decide("c4", "curly_bracket"), "text": decide(None, None, "abY"),
        "gone": kept,
    }  # fmt: skip
    found = agreement.compare(ours, theirs)
    assert {d["id"]: d["kind"] for d in found.differences} == {
        "extra": "lost", "gone": "lost", "reason": "reason", "text": "text", "verdict": "verdict",
    }  # fmt: skip
    assert found.summary() == {
        "documents": 6, "kept_by_peer": 4, "same_verdict": 0.5, "same_reason": 2 / 6, "same_text": 0.5,
        "differences": {"lost": 2, "reason": 1, "text": 1, "verdict": 1},
    }  # fmt: skip
    verdict = next(d for d in found.differences if d["id"] == "verdict")
    assert (verdict["ours"], verdict["theirs"], verdict["value"]) == ("c4: lorem_ipsum", "kept", 3.0)
    text = next(d for d in found.differences if d["id"] == "text")
    assert text["at"] == {"char": 2, "ours": "abX", "theirs": "abY"}


def test_a_step_that_is_missing_is_left_out(agreement):
    ours = {"a": agreement.Decision(None, None), "b": agreement.Decision(None, None)}
    theirs = {"a": agreement.Decision("c4", "lorem_ipsum"), "b": agreement.Decision("fineweb", "list_ratio")}
    found = agreement.compare(ours, theirs, missing=["c4"])
    assert (found.documents, [d["id"] for d in found.differences]) == (1, ["b"])


def test_placeholders_of_both_tools_are_the_same(agreement):
    ours = {"a": agreement.Decision(None, None, "to <EMAIL> at <IP>")}
    theirs = {"a": agreement.Decision(None, None, "to firstname.lastname@example.org at 22.214.171.124")}
    assert agreement.compare(ours, theirs).same_text == 1


def test_nothing_agrees_with_nothing(agreement):
    assert agreement.compare({}, {}).summary()["same_reason"] is None


def test_a_text_that_goes_on_differs_where_the_other_ends(agreement):
    assert agreement.first_difference("abc", "ab")["char"] == 2
