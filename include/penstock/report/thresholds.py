"""Which number of a recipe, or of the gate's promises, a measured value was held against.

A step says why a row left and what it measured, not which parameter it compared with: that is found by the side on
which all dropped values lie and by the words that reason and parameter share (``too_short`` and ``min_chars``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from penstock.params import Params

if TYPE_CHECKING:
    from penstock.process.plan import NamedStep
    from penstock.validate.promises import Promises

Side = Literal["min", "max"]
_LOW = {"min", "short", "few", "low", "below", "least", "less", "under", "small"}
_HIGH = {
    "max",
    "long",
    "many",
    "high",
    "above",
    "most",
    "more",
    "over",
    "large",
    "dup",
    "duplicate",
    "duplicated",
}
_TEXT_UNITS = {"characters": "char", "words": "word"}
_NO_COUNT = {
    "frac",
    "fraction",
    "ratio",
    "share",
    "percent",
    "percentage",
    "avg",
    "average",
    "mean",
    "length",
}
"""Words of limits that speak of characters or words but are no number of them: ``max_non_alpha_words_ratio``."""


class Threshold(Params):
    """A limit: its value, who sets it (``length.min_chars``, ``gate: a promise``) and on which side values stay out."""

    value: float
    name: str
    side: Side | None = None


def limits_of(name: str, step: BaseModel) -> list[Threshold]:
    """Return the numeric parameters of a step, also those inside of its parameters; flags and absent ones are none."""
    return [
        Threshold(value=value, name=f"{name}.{path}", side=side_of(path)) for path, value in _numbers(step)
    ]


def side_of(name: str) -> Side | None:
    """Return whether a name speaks of the least or of the most that is allowed."""
    words = words_of(name)
    if words & _LOW:
        return "min"
    return "max" if words & _HIGH else None


def for_reason(named: NamedStep, reason: str, values: Sequence[float]) -> Threshold | None:
    """Return the limit beyond which ``values`` of rows dropped for ``reason`` are; ``None`` when it is not clear."""
    if not values:
        return None
    fitting = []
    for limit in limits_of(named.name, named.step):
        shared = len((words_of(reason) & words_of(limit.name.split(".", 1)[1])) - {"min", "max"})
        if _is_beyond(limit, side_of(reason), values, is_named=shared > 0):
            distance = min(abs(limit.value - value) for value in (min(values), max(values)))
            fitting.append((-shared, limit.side is None, distance / (abs(limit.value) or 1.0), limit))
    return min(fitting, key=lambda item: item[:3])[3] if fitting else None


def _is_beyond(limit: Threshold, said: Side | None, values: Sequence[float], *, is_named: bool) -> bool:
    """Return whether all values lie on the side of the limit that its name, or the reason's, speaks of.

    A limit of which the reason speaks (``below_alpha_threshold``) counts whatever side its own name means: in the
    reference rules ``max_non_alpha_words_ratio`` is a least share.
    """
    is_below, is_above = max(values) <= limit.value, min(values) >= limit.value
    if not (is_below or is_above):
        return False
    if is_named:
        return True
    if said and limit.side and said != limit.side:
        return False
    side = limit.side or said
    return is_below if side == "min" else is_above if side == "max" else True


def for_column(
    column: str, steps: Sequence[NamedStep], promises: Promises | None = None
) -> tuple[Threshold, ...]:
    """Return the limits that a column's values are held against: of steps that add it, and of the gate.

    ``characters`` and ``words`` stand for the text's own: limits in that unit of steps that add no column count, which
    can do nothing but drop (elsewhere, ``max_chars`` is how much of a text is looked at).
    """
    unit = _TEXT_UNITS.get(column)
    found = [
        limit
        for named in steps
        if (not named.step.adds() if unit else column in named.step.adds())
        for limit in limits_of(named.name, named.step)
        if limit.side and _speaks_of(column if unit is None else unit, limit.name) and _can_drop(limit)
        if unit is None or not words_of(limit.name.split(".", 1)[1]) & _NO_COUNT
    ]
    return (*found, *_promised(column, promises))


def _promised(column: str, promises: Promises | None) -> Iterator[Threshold]:
    kinds = {"ExpectColumnValuesToBeBetween"}
    if column == "characters":
        kinds, column = {"ExpectColumnValueLengthsToBeBetween"}, "text"
    for promise in promises.expectations if promises else ():
        if promise.expect in kinds and column in promise.columns:
            sides: tuple[tuple[str, Side], ...] = (("min_value", "min"), ("max_value", "max"))
            for key, side in sides:
                value = promise.args.get(key)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    yield Threshold(value=float(value), name=f"gate: {promise.name}", side=side)


def _can_drop(limit: Threshold) -> bool:
    """Return whether a limit does anything: at least nothing is the default that keeps everything."""
    return not (limit.side == "min" and limit.value == 0)


def _speaks_of(column: str, limit: str) -> bool:
    return bool((words_of(column) & words_of(limit.rsplit(".", 1)[1])) - {"min", "max"})


def _numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield path, float(value)
        return
    for name, item in _members(value):
        yield from _numbers(item, f"{path}.{name}" if path else name)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a model, a mapping or a list of pairs (``((2, 0.2), (3, 0.18))``) holds, by name."""
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields if name != "kind")
    elif isinstance(value, dict):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, tuple | list):
        pairs = [item for item in value if isinstance(item, tuple | list) and len(item) == 2]
        yield from ((str(key), item) for key, item in pairs if isinstance(key, int | str))


def words_of(name: str) -> set[str]:
    """Return the words of a name, in the singular: ``min_doc_words`` is min, doc, word."""
    found = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
    return {word[:-1] if len(word) > 3 and word.endswith("s") else word for word in found}
