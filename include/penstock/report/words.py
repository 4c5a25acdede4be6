"""Numbers and sizes as reports write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.report.volume import Estimate


def count(value: int | None) -> str:
    """Return a number with separators; nothing is a dash."""
    return "–" if value is None else f"{value:,}"


def short(value: float) -> str:
    """Return a large number in three digits: ``252k``, ``1.21M``, ``3.4B``; small ones as they are."""
    for bound, unit in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= bound:
            divisor = {"B": 1e9, "M": 1e6, "k": 1e3}[unit]
            return f"{value / divisor:.3g}{unit}"
    return f"{value:,.0f}"


def percent(part: float, whole: float) -> str:
    """Return a share of ``whole`` as ``12.3 %``."""
    if not whole:
        return "–"
    share = 100 * part / whole
    return "< 0.1 %" if 0 < share < 0.05 else f"{share:.1f} %"


def size(value: int) -> str:
    """Return bytes as people say them: ``12.3 MB``."""
    for bound, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if value >= bound:
            return f"{value / bound:.3g} {unit}"
    return f"{value:,} bytes"


def number(value: float | None) -> str:
    """Return a measured value: whole numbers with separators, others in four digits."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def estimate(value: Estimate) -> str:
    """Return a total with how it is known: ``151,730 ± 2,373 (95 %)``."""
    if value.plus_minus is None:
        return f"{value.total:,} (counted)"
    return f"{value.total:,} ± {value.plus_minus:,} (95 %, from {value.documents:,} documents)"


def plural(value: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"
