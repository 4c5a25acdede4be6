"""The steps of a recipe by the names that they have in reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from penstock.process.plan import DocumentPass, NamedStep, build_passes
from penstock.process.step import Context

if TYPE_CHECKING:
    from penstock.process.step import Step


def named_steps(steps: Sequence[Step]) -> tuple[NamedStep, ...]:
    """Return the steps in their order, each with its name: its kind, numbered from the second of that kind on."""
    passes = build_passes(steps, Context(dataset="report", run_key="1970-01-01"))
    return tuple(
        named
        for each in passes
        for named in (each.steps if isinstance(each, DocumentPass) else (each.named,))
    )
