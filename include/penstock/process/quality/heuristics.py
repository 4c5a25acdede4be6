"""Step ``heuristics``: rules of NeMo Curator, dolma, Data-Juicer and StarCoder, by their own definitions and bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, field_validator, model_validator

from penstock.params import Params
from penstock.process.quality.rules.registry import Bounds, Definition, Rule, any_bound, find_rule, rules_of
from penstock.process.quality.rules.view import View
from penstock.process.step import Context, Document, DocumentStep, Drop

if TYPE_CHECKING:
    import pyarrow as pa


class Chosen(Params):
    """A rule as a recipe names it.

    ``definition`` is the step's when it is not given. ``n`` is the size of n-grams, for rules that have one (default:
    each size with a published bound). ``min`` and ``max`` replace the published bounds, both at once. ``annotate``
    keeps the number in a column of that name and lets no document leave.
    """

    rule: str
    definition: Definition | None = None
    n: int | None = Field(default=None, ge=1, le=1000)
    min: float | None = None
    max: float | None = None
    annotate: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        has_bounds = self.min is not None or self.max is not None
        if self.annotate is not None and has_bounds:
            message = f"{self.rule}: expected annotate or bounds, got both; name the rule twice to have both"
            raise ValueError(message)
        if self.min is not None and self.max is not None and self.min > self.max:
            message = f"{self.rule}: expected max to be at least min ({self.min}), got {self.max}"
            raise ValueError(message)
        return self


class Check(Params):
    """One rule with its n, its bounds, and the column that keeps the number."""

    name: str
    definition: Definition
    n: int
    bounds: Bounds
    annotate: str | None

    @cached_property
    def rule(self) -> Rule:
        """The rule."""
        return find_rule(self.name, self.definition)

    def drop(self, value: float) -> Drop | None:
        """Return why a document with this value leaves, or ``None``."""
        least, most = self.bounds
        if least is not None and value < least:
            return Drop(self.rule.key(self.n), value, f"{self.definition}: less than {least:g}")
        if most is not None and value > most:
            return Drop(self.rule.key(self.n), value, f"{self.definition}: more than {most:g}")
        return None


class Heuristics(DocumentStep):
    """Measure a text by rules; the first one that is out of its bounds drops it (reason: the rule's name).

    Without ``rules``, all rules of ``definition`` that have published bounds apply. Bounds are inclusive: a value equal
    to one stays. A rule that has no answer for a text (no words, no lines) does not decide. Numbers are of the first
    ``max_token_chars`` characters (of the process section). docs/filters.md says what each rule computes.
    """

    kind: Literal["heuristics"] = "heuristics"
    definition: Definition = "nemo_curator"
    rules: tuple[Chosen, ...] = ()

    @field_validator("rules", mode="before")
    @classmethod
    def _accept_names(cls, rules: object) -> object:
        if isinstance(rules, list | tuple):
            return tuple({"rule": item} if isinstance(item, str) else item for item in rules)
        return rules

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        if not self.checks:
            message = f"expected a rule, {self.definition} has none with published bounds; name them in rules"
            raise ValueError(message)
        columns = [check.annotate for check in self.checks if check.annotate]
        if len(set(columns)) < len(columns):
            message = (
                f"annotate: expected a column for each rule, got {', '.join(columns)}; give n or another name"
            )
            raise ValueError(message)
        return self

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The rules in their order, one for each n."""
        if not self.rules:
            return tuple(c for r in rules_of(self.definition) for c in _checks(r, Chosen(rule=r.name)))
        return tuple(check for chosen in self.rules for check in self._resolve(chosen))

    def _resolve(self, chosen: Chosen) -> Iterator[Check]:
        rule = find_rule(chosen.rule, chosen.definition or self.definition)
        if chosen.n is not None and not rule.is_sized:
            message = f"{rule.name}: expected no n, got {chosen.n}; the rule does not count n-grams"
            raise ValueError(message)
        if (
            chosen.annotate is None
            and chosen.min is None
            and chosen.max is None
            and not _has_bounds(rule, chosen.n)
        ):
            message = (
                f"{rule.name}: expected min, max or annotate, got none; "
                f"{rule.definition} publishes no bounds for it"
            )
            raise ValueError(message)
        yield from _checks(rule, chosen)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the columns of the rules that are kept as one."""
        import pyarrow as pa

        return {check.annotate: pa.float64() for check in self.checks if check.annotate}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Measure until a rule says no."""
        view = View(document, context.max_token_chars)
        for check in self.checks:
            value = check.rule.measure(view, check.n)
            if check.annotate:
                document[check.annotate] = value
            elif value is not None and (drop := check.drop(value)):
                return drop
        return None


def _has_bounds(rule: Rule, n: int | None) -> bool:
    wanted = rule.bounds.values() if n is None else [rule.bounds.get(n, Bounds())]
    return any(map(any_bound, wanted))


def _checks(rule: Rule, chosen: Chosen) -> Iterator[Check]:
    own = Bounds(chosen.min, chosen.max)
    for n in rule.bounds if chosen.n is None else (chosen.n,):
        bounds = own if any_bound(own) else rule.bounds.get(n, Bounds())
        yield Check(name=rule.name, definition=rule.definition, n=n, bounds=bounds, annotate=chosen.annotate)
