"""A dataset card as one HTML file: no script, nothing to fetch, every text from outside escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from penstock.report import plots, words
from penstock.report.card import Card
from penstock.report.card_parts import cite, flow_rows, reproduce, verdict_words
from penstock.report.histogram import Histogram
from penstock.report.markup import Html, el, join, page
from penstock.report.profile import Counted
from penstock.report.reasons import Example, Reason
from penstock.report.stylesheet import STYLE

_PLOTTED = 24
"""Columns of numbers that are drawn; a table has all of them."""


def render(card: Card) -> str:
    """Return the page."""
    sections = [(name, title, body) for name, title, body in _sections(card) if body]
    links = el(
        "nav", *(el("a", title, href=f"#{name}") for name, title, _ in sections), aria_label="Sections"
    )
    body = el(
        "main",
        _header(card),
        *(el("p", note, class_="note") for note in card.notes),
        _tiles(card),
        links,
        *(el("section", *parts, id=name) for name, _, parts in sections),
        el(
            "footer",
            f"Written by Penstock on {card.made_at:%Y-%m-%d %H:%M} UTC; samples chosen with seed {card.seed}.",
        ),
    )
    return page(f"{card.dataset} {card.run_key} · dataset card", STYLE, body)


def _sections(card: Card) -> Iterator[tuple[str, str, list[Html]]]:
    yield "flow", "Rows", _flow(card)
    yield "content", "Content", _content(card)
    yield "metrics", "Metrics", _metrics(card)
    yield "left", "What left", _left(card)
    yield "quarantine", "Quarantine", _quarantine(card)
    yield "duplicates", "Duplicates", _duplicates(card)
    yield "pii", "Personal data", _pii(card)
    yield "gate", "The gate", _gate(card)
    yield "samples", "Samples", _samples_of_kept(card)
    yield "provenance", "Provenance", _provenance(card)
    yield "use", "Reproduce and cite", _use(card)


def head(title: str, aside: str = "") -> Html:
    """Return the heading of a section, with a remark at its right."""
    return el("div", el("h2", title), el("span", aside, class_="muted") if aside else None, class_="head")


def key(*entries: tuple[str, str]) -> Html:
    """Return the key of a plot: a colour and a word each."""
    return el("div", *(el("span", el("i", class_=f"k-{role}"), name, class_="key") for role, name in entries))


def samples(examples: Sequence[Example]) -> Html:
    """Return examples as a list of quotations."""
    return el("ul", *(_sample(example) for example in examples), class_="samples")


def _header(card: Card) -> Html:
    kind, said = verdict_words(card.verdict)
    return el(
        "header",
        el(
            "div",
            el("span", "Dataset card", class_="muted"),
            el("span", said, class_=f"pill {kind}"),
            class_="kicker",
        ),
        el("h1", f"{card.dataset} · {card.run_key}"),
        el("p", card.description) if card.description else None,
    )


def _tiles(card: Card) -> Html:
    tiles = [("Documents" if card.has_text else "Rows", words.count(card.documents), _of_read(card))]
    if card.volume is not None:
        volume = card.volume
        tiles += [
            ("Text", words.size(volume.text_bytes), "UTF-8"),
            ("Characters", words.short(volume.characters), _average(volume.characters, card.documents)),
            (
                "Words",
                words.short(volume.words.total),
                _confidence(volume.words.plus_minus, volume.words.total),
            ),
            (
                "Tokens",
                words.short(volume.tokens.total),
                _confidence(volume.tokens.plus_minus, volume.tokens.total),
            ),
        ]
    if card.languages:
        tiles.append(
            ("Languages", words.count(card.languages.distinct), ", ".join(list(card.languages.values)[:4]))
        )
    if card.domains:
        tiles.append(("Domains", words.count(card.domains.distinct), next(iter(card.domains.values))))
    if not card.has_text:
        missing = sum(card.nulls.values())
        tiles.append(
            ("Columns with gaps", words.count(len(card.nulls)), words.plural(missing, "missing value"))
        )
        tiles.append(("Stored", words.size(card.published_bytes), "Parquet, checked zone"))
    left = sum(sum(stage.dropped.values()) + sum(stage.quarantined.values()) for stage in card.flow)
    tiles.append(("Left on the way", words.count(left), words.percent(left, card.rows_in)))
    return el(
        "dl",
        *(el("div", el("dt", name), el("dd", value, el("small", more))) for name, value, more in tiles),
        class_="tiles",
    )


def _of_read(card: Card) -> str:
    return f"of {words.count(card.rows_in)} that came in"


def _average(characters: int, documents: int) -> str:
    return f"{words.short(characters / documents)} a document" if documents else ""


def _confidence(plus_minus: int | None, total: int) -> str:
    return "counted" if plus_minus is None else f"± {words.percent(plus_minus, total)} (95 %)"


def _flow(card: Card) -> list[Html]:
    widest = max([stage.rows_in for stage in card.flow], default=1) or 1
    rows = [row for line in flow_rows(card) for row in _flow_row(line, widest)]
    table = el(
        "table",
        el(
            "thead",
            el(
                "tr",
                el("th", "stage, step and reason"),
                el("th", class_="bar"),
                el("th", "rows", class_="n"),
                el("th", "of all", class_="n"),
            ),
        ),
        el("tbody", *rows),
        class_="flow",
    )
    parts = key(("kept", "stays"), ("left", "dropped"), ("held", "quarantined"))
    return [head("Where the rows went", "every row that came in is accounted for"), parts, table]


def _flow_row(line: tuple[str, str, int, int, int, int], widest: int) -> Iterator[Html]:
    kind, name, start, rows, dropped, held = line
    stays = rows - dropped - held if kind == "stage" else 0
    offset = f"width:{100 * start / widest:.3f}%"
    bar = el(
        "div",
        el("span", style=offset) if start else None,
        el("b", style=f"width:{100 * stays / widest:.3f}%") if stays else None,
        el("u", style=f"width:{max(0.4, 100 * dropped / widest):.3f}%") if dropped else None,
        el("s", style=f"width:{max(0.4, 100 * held / widest):.3f}%") if held else None,
        class_="track",
    )
    shown = f"−{rows:,}" if kind != "stage" else f"{rows - dropped - held:,}"
    yield el(
        "tr",
        el("th", name, scope="row"),
        el("td", bar, class_="bar"),
        el("td", shown, class_="n"),
        el("td", words.percent(rows - dropped - held if kind == "stage" else rows, widest), class_="n muted"),
        class_=None if kind == "stage" else "inner",
    )


def _content(card: Card) -> list[Html]:
    found: list[tuple[str, str, Counted]] = []
    if card.languages:
        found.append(("Languages", "as the step language found them", card.languages))
    if card.domains:
        found.append(
            ("Domains", f"{words.count(card.domains.distinct)} hosts in the column url", card.domains)
        )
    found += [(name, "", counted) for name, counted in card.categories.items()]
    figures = [_bars(title, remark, counted, card.documents) for title, remark, counted in found]
    gaps = _gaps(card)
    if not figures and gaps is None:
        return []
    return [
        head("What is in it", f"{words.count(card.documents)} rows"),
        el("div", *figures, gaps, class_="grid"),
    ]


def _bars(title: str, remark: str, counted: Counted, total: int) -> Html:
    plot = plots.draw_bars(counted.values, total=total, name=title, others=counted.others)
    return _figure(title, remark, plot)


def _figure(title: str, remark: str, plot: str) -> Html:
    caption = el("figcaption", el("h3", title), el("span", remark, class_="muted") if remark else None)
    return el("figure", caption, Html(plot))


def _gaps(card: Card) -> Html | None:
    """Return which columns have no value how often: the readings that a step names as missing, or all nulls."""
    if not card.nulls or card.documents == 0:
        return None
    title = "Missing values"
    remark = "named in missing_readings: " + ", ".join(card.missing) if card.missing else ""
    shown = dict(list(card.nulls.items())[:15])
    return _figure(title, remark, plots.draw_bars(shown, total=card.documents, name=title))


def _metrics(card: Card) -> list[Html]:
    if not card.histograms:
        return []
    drawn = [_histogram(found, ("stays", "left")) for found in card.histograms[:_PLOTTED]]
    entries = [
        ("kept", "rows that stay"),
        ("left", "rows that left"),
        ("limit", "limit of a step or of the gate"),
    ]
    sample = f"of a sample of {words.plural(card.sampled_rows, 'row')}; least and most of all rows"
    return [head("How it measures", sample), key(*entries), el("div", *drawn, class_="grid")]


def _histogram(found: Histogram, names: tuple[str, str]) -> Html:
    return _figure(found.title, describe(found), plots.draw_histogram(found, names=names))


def describe(found: Histogram) -> str:
    """Return the numbers of a histogram as a sentence."""
    parts = [f"{words.number(found.least)} to {words.number(found.greatest)}"]
    if len(found.quantiles) == 3:
        low, middle, high = found.quantiles
        parts.append(f"median {words.number(middle)}, 90 % from {words.number(low)} to {words.number(high)}")
    if found.nulls:
        parts.append(f"{words.percent(found.nulls, found.rows)} without a value")
    if found.beyond:
        parts.append(f"{found.beyond} beyond the plot are in its outermost bars")
    return "; ".join(parts)


def _left(card: Card) -> list[Html]:
    if not card.reasons:
        return []
    measured = {found.name: found for found in card.measured}
    total = sum(reason.rows for reason in card.reasons)
    blocks = [_reason(reason, measured.get(f"{reason.step}: {reason.reason}")) for reason in card.reasons]
    aside = f"{words.plural(total, 'row')} in the process stage; samples are random, personal data is masked"
    return [head("What left, and why", aside), *blocks]


def _reason(reason: Reason, measured: Histogram | None) -> Html:
    limit = f"; limit {reason.limit.name} {words.number(reason.limit.value)}" if reason.limit else ""
    said = f"{words.plural(reason.rows, 'row')}, {words.percent(reason.share, 1)} of the stage's rows{limit}"
    plot = (
        _figure("", f"measured: {describe(measured)}", plots.draw_histogram(measured)) if measured else None
    )
    return el(
        "div",
        el(
            "div",
            el("h3", f"{reason.step}: {reason.reason}"),
            el("span", said, class_="muted"),
            class_="head",
        ),
        plot,
        samples(reason.examples) if reason.examples else None,
        class_="reason",
    )


def _quarantine(card: Card) -> list[Html]:
    if not card.quarantined:
        return []
    total = sum(reason.rows for reason in card.quarantined)
    return [
        head("In quarantine", words.plural(total, "row")),
        *(_reason(reason, None) for reason in card.quarantined),
    ]


def _duplicates(card: Card) -> list[Html]:
    found = card.duplicates
    if found is None:
        return []
    facts = [
        (reason, f"{rows:,} rows, {words.percent(rows, card.rows_in)} of all")
        for reason, rows in found.by_reason.items()
    ]
    facts.append(("kept for them", words.plural(found.groups, "document")))
    largest = [(el("code", kept), words.plural(copies, "copy", "copies")) for kept, copies in found.largest]
    listed = _table(("kept document", "copies that left"), largest) if largest else None
    return [
        head("Duplicates", f"{words.percent(found.share, 1)} of all rows"),
        _facts(facts),
        listed or Html(""),
    ]


def _pii(card: Card) -> list[Html]:
    if not card.masked:
        return []
    bars = plots.draw_bars(card.masked, total=sum(card.masked.values()), name="masked values")
    total = sum(card.masked.values())
    return [
        head("Personal data", f"{words.plural(total, 'value')} masked in the rows of this card"),
        Html(bars),
    ]


def _gate(card: Card) -> list[Html]:
    if not card.promises:
        return []
    order = {"critical": 0, "warning": 1, "info": 2}
    promises = sorted(card.promises, key=lambda p: (p.success, order.get(p.severity, 3)))
    broken = sum(not promise.success for promise in promises)
    rows = []
    for promise in promises:
        kind = "pass" if promise.success else ("fail" if promise.severity == "critical" else "warn")
        bad = promise.unexpected_rows
        rows.append(
            (
                el("span", "holds" if promise.success else "broken", class_=f"pill {kind}"),
                join(el("b", promise.name), el("div", promise.reason, class_="muted")),
                promise.severity,
                "" if not bad else f"{words.plural(bad, 'row')} of {words.count(promise.checked_rows)}",
            )
        )
    said = f"{len(promises)} promises, {broken} broken" if broken else f"all {len(promises)} promises hold"
    return [head("The gate", said), _table(("", "promise", "severity", "rows that break it"), rows)]


def _samples_of_kept(card: Card) -> list[Html]:
    if not card.kept:
        return []
    return [
        head("Samples of what stays", f"random, seed {card.seed}; personal data is masked"),
        samples(card.kept),
    ]


def _sample(example: Example) -> Html:
    value = f"measured {words.number(example.value)}" if example.value is not None else ""
    about = " · ".join(part for part in (value, example.detail) if part)
    return el(
        "li",
        el("blockquote", example.text or "(empty)", dir="auto"),
        el("span", f"{example.doc_id}{'  ' + about if about else ''}", class_="id"),
    )


def _provenance(card: Card) -> list[Html]:
    made = card.provenance
    facts: list[tuple[str, object]] = [
        ("day", card.run_key),
        ("built", f"{made.built_at:%Y-%m-%d %H:%M:%S} UTC, attempt {made.attempt}"),
        *(
            (s["table"], f"{s['format']} snapshot {s['snapshot_id']}, {s['rows']:,} rows")
            for s in made.snapshots
        ),
        ("fingerprint", el("code", made.fingerprint)),
        ("recipe", el("code", made.recipe_hash)),
        ("code", el("code", made.code_version)),
    ]
    rows = [
        (
            join(el("b", source.name), el("div", source.origin_uri, class_="muted")),
            words.count(source.rows),
            words.size(source.bytes),
            source.licence or "not stated by the source",
        )
        for source in made.sources
    ]
    sources = _table(("source", "rows", "bytes", "licence"), rows, right=(1, 2)) if rows else Html("")
    recipe = (
        el("details", el("summary", "The recipe's process section"), el("pre", made.settings))
        if made.settings
        else Html("")
    )
    return [head("Where it comes from"), _facts(facts), sources, recipe]


def _use(card: Card) -> list[Html]:
    return [
        head("Reproduce and cite"),
        el("p", "The same recipe, code and sources give the same rows:"),
        el("pre", reproduce(card)),
        el("p", "To cite this snapshot:"),
        el("pre", cite(card)),
    ]


def _facts(facts: Sequence[tuple[str, object]]) -> Html:
    return el("dl", *(join(el("dt", name), el("dd", value)) for name, value in facts), class_="facts")


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> Html:
    def cell(tag: str, place: int, value: object) -> Html:
        return el(tag, value, class_="n" if place in right else None)

    header = el("thead", el("tr", *(cell("th", n, name) for n, name in enumerate(columns))))
    body = el("tbody", *(el("tr", *(cell("td", n, value) for n, value in enumerate(row))) for row in rows))
    return el("div", el("table", header, body, class_="plain"), class_="scroll")
