"""Plots of a report as SVG that takes its colours and fonts from the page: the same picture in light and dark.

Matplotlib draws with colours that stand for roles; in the SVG they become the page's CSS variables. Text stays text.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

from penstock.report.histogram import Histogram
from penstock.report.thresholds import Threshold

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROLES = {
    "#0a0b01": "ink",
    "#0a0b02": "muted",
    "#0a0b03": "line",
    "#0a0b04": "kept",
    "#0a0b05": "left",
    "#0a0b06": "limit",
    "#0a0b07": "second",
}
INK, MUTED, LINE, KEPT, LEFT, LIMIT, SECOND = _ROLES
WIDTH_IN = 4.5
_ROW_IN = 0.235
_LABEL_CHARS = 26
_FONT = 8.5
_LABEL_SHARE = 0.3
"""How much of a histogram's width the label of a limit takes, at most."""

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": _FONT,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": _FONT - 0.5,
    "ytick.labelsize": _FONT - 0.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
}


def draw_histogram(found: Histogram, *, names: tuple[str, str] = ("kept", "left")) -> str:
    """Return rows by value: those of the first kind filled, those of the second above them, limits as lines."""
    with _figure(2.05, found.name) as (figure, svg):
        axes = figure.subplots()
        _bars(axes, found, names)
        axes.yaxis.grid(True)
        axes.set_axisbelow(True)
        if found.is_log:
            axes.set_xscale("log")
        axes.set_xlim(found.edges[0], found.edges[-1])
        axes.xaxis.set_major_formatter(_number_format())
        axes.yaxis.set_major_formatter(_number_format())
        axes.yaxis.set_major_locator(_whole_locator())
        if not found.is_log:
            axes.xaxis.set_major_locator(_few_locator(is_whole=found.is_whole))
        axes.margins(y=0.02)
        _draw_limits(axes, found)
        figure.subplots_adjust(left=0.105, right=0.985, top=0.86, bottom=0.14)
    return svg(f"{found.title}: {_spoken(found)}")


def draw_overlay(first: Histogram, second: Histogram, names: tuple[str, str]) -> str:
    """Return two histograms over the same bins as lines, each by its share of rows."""
    with _figure(2.05, first.name) as (figure, svg):
        axes = figure.subplots()
        for found, colour in ((first, KEPT), (second, SECOND)):
            total = sum(found.kept) or 1
            axes.stairs([100 * n / total for n in found.kept], first.edges, color=colour, linewidth=1.6)
            axes.stairs(
                [100 * n / total for n in found.kept], first.edges, color=colour, fill=True, alpha=0.14
            )
        axes.yaxis.grid(True)
        axes.set_axisbelow(True)
        if first.is_log:
            axes.set_xscale("log")
        else:
            axes.xaxis.set_major_locator(_few_locator(is_whole=first.is_whole))
        axes.set_xlim(first.edges[0], first.edges[-1])
        axes.xaxis.set_major_formatter(_number_format())
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
        figure.subplots_adjust(left=0.115, right=0.985, top=0.95, bottom=0.14)
    return svg(f"{first.title}: {names[0]} and {names[1]}")


def draw_bars(values: Mapping[str, int], *, total: int, name: str, others: int = 0) -> str:
    """Return a bar for each value, the longest first, with rows and share; ``others`` is the bar of all the rest."""
    shown = dict(values) | ({"all others": others} if others else {})
    height = _ROW_IN * max(len(shown), 2) + 0.1
    with _figure(height, name) as (figure, svg):
        axes = figure.subplots()
        labels, rows = list(shown), list(shown.values())
        places = range(len(rows))
        colours = [MUTED if others and label == "all others" else KEPT for label in labels]
        widest = max([*rows, 1])
        axes.barh(places, [widest] * len(rows), color=LINE, height=0.56, alpha=0.35)
        axes.barh(places, rows, color=colours, height=0.56)
        axes.set_xlim(0, widest)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.axis("off")
        for place, label, count in zip(places, labels, rows, strict=True):
            axes.text(-0.02, place, _label(label), ha="right", va="center", transform=_row_transform(axes))
            text = f"{count:,} · {_percent(count, total)}"
            axes.text(1.02, place, text, ha="left", va="center", color=MUTED, transform=_row_transform(axes))
        longest = max(len(_label(label)) for label in labels)
        left = min(0.44, 0.05 + 0.0155 * longest)
        figure.subplots_adjust(left=left, right=0.73, top=0.99, bottom=0.01)
    return svg(f"{name}: " + ", ".join(f"{label} {count:,}" for label, count in list(shown.items())[:6]))


def _bars(axes: Axes, found: Histogram, names: tuple[str, str]) -> None:
    kept = list(found.kept) or [0] * (len(found.edges) - 1)
    left = list(found.left)
    if any(kept):
        axes.stairs(kept, found.edges, fill=True, color=KEPT, label=names[0])
    if left:
        top = [a + b for a, b in zip(kept, left, strict=True)]
        axes.stairs(top, found.edges, baseline=kept, fill=True, color=LEFT, label=names[1])


def _draw_limits(axes: Axes, found: Histogram) -> None:
    """Draw each limit as a line, or as an arrow at the edge when it lies beyond what is shown."""
    from matplotlib.transforms import blended_transform_factory

    blended = blended_transform_factory(axes.transData, axes.transAxes)
    below = [limit for limit in found.limits if found.edges and limit.value < found.edges[0]]
    above = [limit for limit in found.limits if found.edges and limit.value > found.edges[-1]]
    for group in _neighbours(axes, [limit for limit in found.limits if found.is_inside(limit.value)]):
        for limit in group:
            axes.axvline(limit.value, color=LIMIT, linewidth=1.3, linestyle=(0, (3, 2)))
        is_left = _place(axes, group[0]) < 0.5
        axes.text(
            group[0 if is_left else -1].value,
            1.03,
            f" {' · '.join(map(_limit_label, group))} ",
            ha="left" if is_left else "right",
            va="bottom",
            color=LIMIT,
            transform=blended,
        )
    if below:
        axes.text(
            0,
            1.03,
            f"◂ {_limit_label(below[-1])}",
            ha="left",
            va="bottom",
            color=LIMIT,
            transform=axes.transAxes,
        )
    if above:
        axes.text(
            1,
            1.03,
            f"{_limit_label(above[0])} ▸",
            ha="right",
            va="bottom",
            color=LIMIT,
            transform=axes.transAxes,
        )


def _neighbours(axes: Axes, limits: Sequence[Threshold]) -> list[list[Threshold]]:
    """Return the limits by value, one of each; those whose labels would lie upon each other are together."""
    groups: list[list[Threshold]] = []
    by_value = {limit.value: limit for limit in reversed(limits)}
    for _, limit in sorted(by_value.items()):
        place = _place(axes, limit)
        first = _place(axes, groups[-1][0]) if groups else None
        if first is not None and place - first < _LABEL_SHARE and (first < 0.5) == (place < 0.5):
            groups[-1].append(limit)
        else:
            groups.append([limit])
    return groups


def _place(axes: Axes, limit: Threshold) -> float:
    """Return where a limit is, from the left (0) to the right (1)."""
    return float(axes.transAxes.inverted().transform(axes.transData.transform((limit.value, 0)))[0])


def _limit_label(limit: Threshold) -> str:
    """Return who sets a limit and at what: ``min_chars 30``, ``gate ≤ 60``."""
    if limit.name.startswith("gate: "):
        return f"gate {'≥' if limit.side == 'min' else '≤'} {_compact(limit.value)}"
    return f"{limit.name.rsplit('.', 1)[-1]} {_compact(limit.value)}"


def _spoken(found: Histogram) -> str:
    said = f"from {_compact(found.least or 0)} to {_compact(found.greatest or 0)}"
    if found.quantiles:
        said += f", median {_compact(found.quantiles[len(found.quantiles) // 2])}"
    limits = ", ".join(f"{limit.name} {_compact(limit.value)}" for limit in found.limits)
    return f"{said}; limits: {limits}" if limits else said


def _label(text: str) -> str:
    line = " ".join(text.split()) or "(empty)"
    return line if len(line) <= _LABEL_CHARS else f"{line[: _LABEL_CHARS - 1]}…"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _compact(value: float) -> str:
    """Return a number in few characters: ``1,204``, ``0.65``, ``100k``, ``3.2M``."""
    for bound, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= bound:
            return f"{value / float({'G': 1e9, 'M': 1e6, 'k': 1e3}[unit]):.3g}{unit}"
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"


def _number_format() -> Callable[[float, Any], str]:
    return lambda value, _: _compact(value)


def _whole_locator() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4, integer=True)


def _few_locator(*, is_whole: bool) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=6, integer=is_whole)


def _row_transform(axes: Axes) -> Any:
    from matplotlib.transforms import blended_transform_factory

    return blended_transform_factory(axes.transAxes, axes.transData)


@contextmanager
def _figure(height_in: float, name: str) -> Iterator[tuple[Figure, Callable[[str], str]]]:
    """Yield an empty figure, and what returns its SVG (with a sentence for those who do not see it) afterwards."""
    logging.getLogger("matplotlib").setLevel(
        logging.ERROR
    )  # it warns of glyphs that the page's fonts do have
    import warnings

    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    settings: Any = {**_SETTINGS, "svg.hashsalt": name}
    with rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = Figure(figsize=(WIDTH_IN, height_in))
        FigureCanvasSVG(figure)
        yield figure, lambda spoken: _inline(drawn.getvalue(), spoken, name)
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})


def _inline(svg: str, spoken: str, name: str) -> str:
    """Return an SVG for inside of a page: without prolog and metadata, with the page's colours and fonts."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    for colour, role in _ROLES.items():
        svg = svg.replace(colour, f"var(--{role})")
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px var(--font)", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--font)", svg)
    svg = re.sub(r'\s(id)="(?!p[0-9a-f]{10}|m[0-9a-f]{10}|DejaVu)[^"]*"', "", svg)
    svg = re.sub(r'<svg([^>]*?) width="[^"]*" height="[^"]*"', r"<svg\1", svg, count=1)
    head = f'<svg class="plot" role="img" aria-label="{escape(spoken, quote=True)}"'
    return re.sub(r"\n\s*", "\n", svg.replace("<svg", head, 1)).strip()
