"""Histograms of measured values, of the rows that stayed and of those that left, over the same bins."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from penstock.params import Params
from penstock.report.thresholds import Threshold

BINS = 36
_WHOLE_SPAN = 40
_SKEWED = 20
_TAIL = 0.005
"""Share of values at either end that share the outermost bin, where they lie far away from all others."""


class Histogram(Params):
    """Counts between ``edges``; the first and last bin also hold what lies beyond them.

    ``kept`` and ``left`` count rows of a sample that stayed and that left. Quantiles are of the rows that stayed, or
    of those that left where none stayed.
    """

    name: str
    title: str
    edges: tuple[float, ...]
    kept: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    is_log: bool = False
    is_whole: bool = False
    limits: tuple[Threshold, ...] = ()
    rows: int = 0
    nulls: int = 0
    least: float | None = None
    greatest: float | None = None
    quantiles: tuple[float, ...] = ()
    beyond: int = 0

    def is_inside(self, value: float) -> bool:
        """Return whether a limit lies within the bins."""
        return bool(self.edges) and self.edges[0] <= value <= self.edges[-1]

    def refill(self, values: Sequence[float]) -> Histogram:
        """Return other values over the same bins."""
        return self.model_copy(
            update={
                "kept": tuple(_fill(values, self.edges)),
                "left": (),
                "rows": len(values),
                "quantiles": tuple(quantiles(values)) if values else (),
            }
        )


def histogram(
    name: str,
    kept: Sequence[float],
    left: Sequence[float] = (),
    *,
    title: str = "",
    limits: Sequence[Threshold] = (),
    rows: int = 0,
    nulls: int = 0,
    bounds: tuple[float | None, float | None] = (None, None),
) -> Histogram | None:
    """Return the histogram of finite values in order; ``None`` when there are none, or all are the same."""
    values = sorted([*kept, *left])
    if not values or (values[0] == values[-1] and not limits):
        return None
    near = [limit.value for limit in limits if _is_near(limit.value, values)]
    edges, is_log, is_whole = _edges(values, near)
    shown = list(kept) or list(left)
    beyond = sum(value < edges[0] or value > edges[-1] for value in values)
    return Histogram(
        name=name,
        title=title or name,
        edges=tuple(edges),
        kept=tuple(_fill(kept, edges)) if kept else (),
        left=tuple(_fill(left, edges)) if left else (),
        is_log=is_log,
        is_whole=is_whole,
        limits=tuple(limits),
        rows=rows or len(shown),
        nulls=nulls,
        least=values[0] if bounds[0] is None else bounds[0],
        greatest=values[-1] if bounds[1] is None else bounds[1],
        quantiles=tuple(quantiles(shown)),
        beyond=beyond,
    )


def quantiles(values: Sequence[float], shares: Sequence[float] = (0.05, 0.5, 0.95)) -> list[float]:
    """Return the values below which these shares of ``values`` are."""
    ordered = sorted(values)
    return [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in shares]


def _is_near(limit: float, values: Sequence[float]) -> bool:
    """Return whether a limit can be drawn without making the values a thin line."""
    low, high = values[int(_TAIL * len(values))], values[-1 - int(_TAIL * len(values))]
    span = (high - low) or abs(high) or 1.0
    return low - 0.3 * span <= limit <= high + 0.3 * span


def _edges(values: Sequence[float], limits: Sequence[float]) -> tuple[list[float], bool, bool]:
    low, high = min([values[0], *limits]), max([values[-1], *limits])
    is_whole = all(
        value == int(value) for value in (values[0], values[-1], *values[:: max(1, len(values) // 200)])
    )
    if is_whole and high - low <= _WHOLE_SPAN:
        first = math.floor(low)
        return [first - 0.5 + n for n in range(int(high) - first + 2)], False, True
    middle = values[len(values) // 2]
    if values[0] >= 0 and middle > 0 and high / middle > _SKEWED:
        start = max(values[0], next(v for v in values if v > 0), high / 1e6)
        start = min([start, *(limit for limit in limits if limit > 0)])
        step = math.log(high / start) / BINS if high > start else 1.0
        return [start * math.exp(step * n) for n in range(BINS)] + [high], True, is_whole
    low, high = _without_tails(values, limits)
    span = (high - low) or 1.0
    return [low + span * n / BINS for n in range(BINS)] + [low + span], False, is_whole


def _without_tails(values: Sequence[float], limits: Sequence[float]) -> tuple[float, float]:
    """Return bounds that leave out a few values that lie far away from all others."""
    cut = max(1, math.ceil(_TAIL * len(values))) if len(values) > 20 else 0
    inner = values[cut : len(values) - cut] or values
    span = (inner[-1] - inner[0]) or 1.0
    low = values[0] if values[0] > inner[0] - span else inner[0] - 0.1 * span
    high = values[-1] if values[-1] < inner[-1] + span else inner[-1] + 0.1 * span
    return min([low, *limits]), max([high, *limits])


def _fill(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(max(bisect_right(edges, value) - 1, 0), len(counts) - 1)] += 1
    return counts
