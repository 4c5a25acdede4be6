"""The reference chain: Penstock's steps, in the order of datatrove's FineWeb pipeline, with its parameters."""

from __future__ import annotations

from typing import Any

FILTERS: tuple[dict[str, Any], ...] = (
    {"kind": "gopher_repetition"},
    {"kind": "gopher_quality"},
    {
        "kind": "c4",
        "filter_no_terminal_punct": False,
    },  # FineWeb does without that rule (arXiv:2406.17557, 3.5)
    {"kind": "fineweb"},
)
MASK: dict[str, Any] = {"kind": "mask_pii", "definition": "datatrove"}
DUPLICATES: tuple[dict[str, Any], ...] = (
    {"kind": "minhash"},
    {"kind": "near_duplicates", "verify": "none", "index": None},
)
"""datatrove's scheme: 14 bands of 8 rows, a shared band is a duplicate, nothing is compared with earlier days."""

MODES: dict[str, tuple[dict[str, Any], ...]] = {
    "filter": (*FILTERS, MASK, *DUPLICATES),
    "annotate": ({"kind": "text_metrics"}, *FILTERS, MASK, *DUPLICATES),
    "near_duplicates": DUPLICATES,
    "near_duplicates_verified": ({"kind": "near_duplicates", "index": None},),
}
"""``near_duplicates_verified`` is the default of the step: 16 x 7, each edge checked by its shingles."""


def available(steps: tuple[dict[str, Any], ...]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the steps that this tree has, and for each of the others what is wrong with it."""
    from penstock.process.section import ProcessSection

    there: list[dict[str, Any]] = []
    missing: dict[str, str] = {}
    for step in steps:
        try:
            ProcessSection.model_validate({"steps": [step]})
        except ValueError as error:
            said = str(error)
            is_unknown = "union_tag_invalid" in said
            missing[step["kind"]] = "not in this tree" if is_unknown else " ".join(said.split())[:300]
        else:
            there.append(step)
    return there, missing
