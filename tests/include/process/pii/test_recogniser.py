from __future__ import annotations

from typing import ClassVar, Literal

from penstock.params import members
from penstock.process.pii.layer import find_spans
from penstock.process.pii.recogniser import GROUP, PACKAGE, Candidate, Recogniser


class Badge(Recogniser):
    """The example of the module's docstring."""

    kind: Literal["test_badge"] = "test_badge"
    pattern: ClassVar[str] = r"\bBDG-[0-9]{6}\b"
    default: ClassVar[bool] = False

    def value(self, found: Candidate) -> str | None:
        return found.text if found.near("badge", "employee") else None


def test_ten_lines_are_a_recogniser():
    ((content, spans),) = find_spans(["employee BDG-123456"], [Badge()])
    assert [(content[s.start : s.end], s.kind, s.value) for s in spans] == [
        (b"BDG-123456", "test_badge", "BDG-123456")
    ]
    assert next(find_spans(["part BDG-123456"], [Badge()]))[1] == []


def test_a_member_of_the_family_is_found_by_its_kind():
    assert members(Recogniser, package=PACKAGE, group=GROUP)["test_badge"] is Badge


def test_context_is_near_on_both_sides_and_whole_words():
    text = ("x" * 50 + " badge 一 é ").encode()
    found = Candidate(text + b"12 employees 34", len(text), len(text) + 2)
    assert found.near("badge")
    assert found.near("employees")
    assert not found.near("employee", "adge", "bad")
    assert not found.near("badge", within=8)
    assert found.near("一")
    assert (found.text, found.digits, found.before(3), found.after(4)) == ("12", "12", "é ", " emp")
    assert found.cut(1).text == "2"
