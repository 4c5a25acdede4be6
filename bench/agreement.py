"""Compare what two tools decided about the same documents: keep or drop, the reason, the text that is left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

PLACEHOLDERS = re.compile(
    r"email@example\.com|firstname\.lastname@example\.org|<EMAIL>|<IP>|22\.214\.171\.124|126\.96\.36\.199|188\.8\.131\.52"
    r"|184\.108\.40\.206|220\.127\.116\.11|18\.104\.22\.168"
)
"""What either tool writes for an address (datatrove takes them in turns, so that which one depends on the order)."""


@dataclass(frozen=True)
class Decision:
    """What happened to a document: ``step`` and ``reason`` are null when it was kept, ``text`` when it was not."""

    step: str | None
    reason: str | None
    text: str | None = None
    value: float | None = None


@dataclass
class Agreement:
    """How far two tools agree; ``differences`` has one entry a document, with what each said."""

    documents: int = 0
    kept: int = 0
    same_verdict: int = 0
    same_reason: int = 0
    same_text: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return the shares; of the texts, among the documents that both keep."""
        both = sum(1 for found in self.differences if found["kind"] == "text") + self.same_text
        return {
            "documents": self.documents,
            "kept_by_peer": self.kept,
            "same_verdict": share(self.same_verdict, self.documents),
            "same_reason": share(self.same_reason, self.documents),
            "same_text": share(self.same_text, both),
            "differences": dict(Counter(found["kind"] for found in self.differences)),
        }


def compare(
    ours: Mapping[str, Decision], theirs: Mapping[str, Decision], *, missing: Collection[str] = ()
) -> Agreement:
    """Compare document by document; those that the peer dropped at a step that we do not have are left out.

    A document that one of the two lost is a difference of the kind ``lost``.
    """
    found = Agreement()
    for name in sorted({*ours, *theirs}):
        our, their = ours.get(name), theirs.get(name)
        if their is not None and their.step in missing:
            continue
        found.documents += 1
        found.kept += their is not None and their.step is None
        if our is None or their is None:
            kind = "lost"
        elif (our.step is None) != (their.step is None):
            kind = "verdict"
        else:
            found.same_verdict += 1
            kind = _compare_agreeing(our, their, found)
        if kind:
            found.differences.append(_difference(name, kind, our, their))
    return found


def _compare_agreeing(our: Decision, their: Decision, found: Agreement) -> str | None:
    """Count two decisions of the same verdict; return the kind of their difference, if there is one."""
    if (our.step, our.reason) != (their.step, their.reason):
        return "reason"
    found.same_reason += 1
    if our.text is None or their.text is None:
        return None
    if normalise(our.text) == normalise(their.text):
        found.same_text += 1
        return None
    return "text"


def normalise(text: str) -> str:
    """Write every placeholder the same way."""
    return PLACEHOLDERS.sub("<masked>", text)


def share(part: int, whole: int) -> float | None:
    """Return ``part / whole``; null of nothing."""
    return part / whole if whole else None


def _difference(name: str, kind: str, our: Decision | None, their: Decision | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": name, "kind": kind, "ours": _said(our), "theirs": _said(their)}
    if our is not None and our.value is not None:
        entry["value"] = our.value
    if kind == "text" and our is not None and their is not None:
        entry["at"] = first_difference(normalise(our.text or ""), normalise(their.text or ""))
    return entry


def _said(decision: Decision | None) -> str:
    if decision is None:
        return "nothing"
    return "kept" if decision.step is None else f"{decision.step}: {decision.reason}"


def first_difference(ours: str, theirs: str, *, around: int = 40) -> dict[str, Any]:
    """Return where two texts part, and what each has there."""
    at = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    start = max(0, at - around)
    return {"char": at, "ours": ours[start : at + around], "theirs": theirs[start : at + around]}
