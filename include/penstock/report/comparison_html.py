"""A comparison as one HTML file, in the look of the cards."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.report import plots, words
from penstock.report.card_html import head, key, samples
from penstock.report.comparison import Comparison, Metric, Pair, Side
from penstock.report.markup import Html, el, page
from penstock.report.stylesheet import STYLE


def render(found: Comparison) -> str:
    """Return the page."""
    dropping = tuple(pair for pair in found.steps if any(pair.rows))
    title = f"{found.first.name} and {found.second.name}"
    body = el(
        "main",
        el(
            "header",
            el("span", f"Two {found.kind} side by side", class_="muted"),
            el("h1", title),
            key(("kept", f"A: {found.first.name}"), ("second", f"B: {found.second.name}")),
        ),
        *(el("p", note, class_="note") for note in found.notes),
        el("section", head("Rows"), _sides(found.first, found.second)),
        el("section", *_overlap(found)),
        el("section", head("What leaves at each step"), _pairs("step", dropping)) if dropping else None,
        el("section", head("Why rows leave"), _pairs("reason", found.reasons)) if found.reasons else None,
        _metrics(found),
        el("footer", "Written by Penstock; nothing was published."),
    )
    return page(f"{title} · comparison", STYLE, body)


def _sides(first: Side, second: Side) -> Html:
    rows = [
        ("rows in", *(words.count(side.rows_in) for side in (first, second))),
        (
            "kept",
            *(
                f"{side.rows_out:,} ({words.percent(side.rows_out, side.rows_in)})"
                for side in (first, second)
            ),
        ),
        ("dropped", *(words.count(side.dropped) for side in (first, second))),
        ("quarantined", *(words.count(side.quarantined) for side in (first, second))),
        ("day", first.run_key, second.run_key),
        ("recipe", first.recipe_hash[:12], second.recipe_hash[:12]),
        ("with", ", ".join(first.settings) or "–", ", ".join(second.settings) or "–"),
    ]
    return _table(("", "A", "B"), rows)


def _overlap(found: Comparison) -> list[Html]:
    overlap = found.overlap
    what = "documents" if overlap.by == "document" else "texts"
    rows = [
        ("kept by both", words.count(overlap.both)),
        ("only by A", words.count(overlap.only_first)),
        ("only by B", words.count(overlap.only_second)),
    ]
    total = overlap.both + overlap.only_first + overlap.only_second or 1
    widths = [(overlap.only_first, "kept"), (overlap.both, "limit-none"), (overlap.only_second, "second")]
    bar = el(
        "div",
        *(
            el(
                "span",
                class_=f"k-{role}",
                style=f"width:{100 * count / total:.3f}%;{_SHADE if role == 'limit-none' else ''}",
            )
            for count, role in widths
            if count
        ),
        class_="track",
    )
    said = f"same {what}; agreement {words.percent(overlap.agreement, 1)}{', estimated' if overlap.is_estimate else ''}"
    parts = [head("What both keep", said), bar, _table(("", what), rows)]
    for name, examples in (
        ("Only A keeps", overlap.first_examples),
        ("Only B keeps", overlap.second_examples),
    ):
        if examples:
            parts += [el("h3", name), samples(examples)]
    return parts


_SHADE = "background:var(--muted)"


def _pairs(what: str, pairs: tuple[Pair, ...]) -> Html:
    rows = [
        (
            f"{pair.step}: {pair.reason}" if pair.reason else pair.step,
            words.count(pair.rows[0]),
            words.percent(pair.shares[0], 1),
            words.count(pair.rows[1]),
            words.percent(pair.shares[1], 1),
            f"{100 * (pair.shares[1] - pair.shares[0]):+.1f} points"
            if pair.shares[0] != pair.shares[1]
            else "",
        )
        for pair in pairs
    ]
    return _table((what, "A", "", "B", "", "difference"), rows, right=(1, 2, 3, 4, 5))


def _metrics(found: Comparison) -> Html | None:
    drawn = [metric for metric in found.metrics if metric.first and metric.second]
    if not drawn:
        return None
    names = (found.first.name, found.second.name)
    figures = [_figure(metric, names) for metric in drawn]
    return el(
        "section",
        head("How the kept rows measure", "share of each side's rows"),
        el("div", *figures, class_="grid"),
    )


def _figure(metric: Metric, names: tuple[str, str]) -> Html:
    assert metric.first is not None  # noqa: S101 - the caller has looked
    assert metric.second is not None  # noqa: S101
    medians = [words.number(q[1]) if len(q) > 1 else "–" for q in metric.quantiles]
    caption = el(
        "figcaption",
        el("h3", metric.first.title),
        el("span", f"median {medians[0]} and {medians[1]}", class_="muted"),
    )
    return el("figure", caption, Html(plots.draw_overlay(metric.first, metric.second, names)))


def _table(columns: tuple[str, ...], rows: Sequence[Sequence[str]], *, right: tuple[int, ...] = ()) -> Html:
    def cell(tag: str, place: int, value: str) -> Html:
        return el(tag, value, class_="n" if place in right else None)

    header = el("thead", el("tr", *(cell("th", n, name) for n, name in enumerate(columns))))
    body = el("tbody", *(el("tr", *(cell("td", n, value) for n, value in enumerate(row))) for row in rows))
    return el("div", el("table", header, body, class_="plain"), class_="scroll")
