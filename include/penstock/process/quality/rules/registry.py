"""The rules by name and definition: what they measure, their published bounds, where these come from.

To add one, write a function of a `View` in a module here and decorate it; the step, the check of a recipe and the page
docs/filters.md find it.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeVar

from penstock.process.quality.rules.view import View

Definition = Literal["nemo_curator", "dolma", "data_juicer", "starcoder"]
Measure = Callable[[View, int], float | None]
MeasureT = TypeVar("MeasureT", bound=Measure)

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "nemo_curator": "NeMo Curator 1.4.0, config/text/heuristic_filter_english_pipeline.yaml and defaults",
        "dolma": "dolma 1.2.1, taggers gopher_v2 and c4_v2; bounds of configs/dolma-v1_6/mixing/c4.yaml",
        "data_juicer": "Data-Juicer 1.6.1, defaults of the filter operators",
        "starcoder": "StarCoder (arXiv:2305.06161, 3.1) and Codex (arXiv:2107.03374, 3.1)",
    }
)


class Bounds(NamedTuple):
    """The least and the greatest value that stay; ``None`` is no bound."""

    least: float | None = None
    most: float | None = None


NO_BOUNDS = Bounds()


@dataclass(frozen=True)
class Rule:
    """One way to measure one thing; ``bounds`` by n (0 for a rule without one), in the published order."""

    name: str
    definition: Definition
    measure: Measure
    bounds: Mapping[int, Bounds]

    @property
    def says(self) -> str:
        """What it computes."""
        return " ".join((self.measure.__doc__ or "").split())

    @property
    def is_sized(self) -> bool:
        """Whether it takes an n, as n-gram rules do."""
        return 0 not in self.bounds

    def key(self, n: int) -> str:
        """Return the reason of a document that leaves by it."""
        return f"{self.name}_{n}" if self.is_sized else self.name


_RULES: dict[tuple[str, str], Rule] = {}


def rule(
    name: str,
    definition: Definition,
    *,
    least: float | None = None,
    most: float | None = None,
    by_n: Mapping[int, Bounds] | None = None,
) -> Callable[[MeasureT], MeasureT]:
    """Register a measure under a name and the tool whose definition it follows, with that tool's bounds."""
    bounds = dict(by_n) if by_n is not None else {0: Bounds(least, most)}

    def register(measure: MeasureT) -> MeasureT:
        _RULES[name, definition] = Rule(name, definition, measure, MappingProxyType(bounds))
        return measure

    return register


@cache
def all_rules() -> Mapping[tuple[str, str], Rule]:
    """Return every rule by name and definition."""
    parent = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(parent.__path__, prefix=f"{parent.__name__}."):
        importlib.import_module(module.name)
    return MappingProxyType(dict(sorted(_RULES.items())))


def rules_of(definition: Definition) -> list[Rule]:
    """Return the rules of a definition that have published bounds, cheapest first."""
    cost = ("characters", "lines", "words", "repetition")
    rules = [
        r
        for r in all_rules().values()
        if r.definition == definition and any(map(any_bound, r.bounds.values()))
    ]
    return sorted(rules, key=lambda r: cost.index(r.measure.__module__.rsplit(".", 1)[1]))


def any_bound(bounds: Bounds) -> bool:
    """Return whether there is a bound at all."""
    return bounds != NO_BOUNDS


def find_rule(name: str, definition: Definition) -> Rule:
    """Return a rule.

    Raises:
        ValueError: naming the definitions that have it, or the nearest name, when there is none.
    """
    found = all_rules().get((name, definition))
    if found is not None:
        return found
    others = [d for n, d in all_rules() if n == name]
    names = sorted({n for n, _ in all_rules()})
    near = difflib.get_close_matches(name, names, n=1)
    hint = (
        f"{name} is defined by {', '.join(others)}" if others else f"did you mean {near[0]}?" if near else ""
    )
    message = f"expected a rule of {definition}, got {name!r}; {hint or 'the rules are: ' + ', '.join(names)}"
    raise ValueError(message)
