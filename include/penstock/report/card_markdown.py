"""A dataset card as Markdown, with the metadata that model hubs read at its head; no text from outside is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

import yaml

from penstock.report import words
from penstock.report.card import Card
from penstock.report.card_html import describe
from penstock.report.card_parts import cite, flow_rows, reproduce, verdict_words
from penstock.report.profile import Counted
from penstock.report.reasons import Example, Reason

_SPECIAL = re.compile(r"[\\`*_\[\]|~$]|^[-+#=>]|^\d+(?=[.)])")
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)
_BAR = 20


def render(card: Card) -> str:
    """Return the text."""
    blocks = [_metadata(card), f"# {_text(card.dataset)}, {card.run_key}"]
    blocks += [_text(card.description)] if card.description else []
    blocks += [
        f"**{verdict_words(card.verdict)[1]}**",
        *(f"> **Note:** {_text(note)}" for note in card.notes),
    ]
    for title, parts in _sections(card):
        if parts:
            blocks += [f"## {title}", *parts]
    blocks.append(
        f"Written by Penstock on {card.made_at:%Y-%m-%d %H:%M} UTC; samples chosen with seed {card.seed}."
    )
    return "\n\n".join(blocks) + "\n"


def _metadata(card: Card) -> str:
    """Return the head that model hubs read: languages, size, licences where sources state them."""
    size = next((name for bound, name in _SIZES if card.documents < bound), "n>10M")
    licences = sorted({source.licence for source in card.provenance.sources if source.licence})
    values = {
        "pretty_name": f"{card.dataset} {card.run_key}",
        "language": list(card.languages.values) if card.languages else None,
        "license": licences or None,
        "size_categories": [size],
        "tags": ["penstock"],
    }
    known = {key: value for key, value in values.items() if value is not None}
    return f"---\n{yaml.safe_dump(known, sort_keys=False, allow_unicode=True)}---"


def _sections(card: Card) -> Iterator[tuple[str, list[str]]]:
    yield "Volume", [_volume(card)]
    yield "Where the rows went", [_flow(card)]
    yield "What is in it", list(_content(card))
    yield "How it measures", _metrics(card)
    yield "What left, and why", [_reason(reason) for reason in card.reasons]
    yield "In quarantine", [_reason(reason) for reason in card.quarantined]
    yield "Duplicates", _duplicates(card)
    yield "Personal data", _pii(card)
    yield "The gate", _gate(card)
    yield "Samples of what stays", [_quoted(example) for example in card.kept]
    yield "Where it comes from", _provenance(card)
    yield "Reproduce and cite", [_fenced(reproduce(card)), _fenced(cite(card))]


def _volume(card: Card) -> str:
    rows = [("documents" if card.has_text else "rows", words.count(card.documents))]
    if card.volume is not None:
        volume = card.volume
        rows += [
            ("text", words.size(volume.text_bytes)),
            ("characters", words.count(volume.characters)),
            ("words", words.estimate(volume.words)),
            ("tokens", f"{words.estimate(volume.tokens)}; {volume.tokenizer}"),
        ]
    rows.append(("stored", words.size(card.published_bytes)))
    return _table(("", ""), rows)


def _flow(card: Card) -> str:
    rows = []
    for kind, name, _, count, dropped, held in flow_rows(card):
        if kind == "stage":
            rows.append((name, words.count(count), words.count(count - dropped - held), ""))
        else:
            rows.append((f"– {name}", "", "", f"−{count:,} ({words.percent(count, card.rows_in)})"))
    return _table(("stage, step and reason", "rows in", "rows out", "left"), rows, right=(1, 2, 3))


def _content(card: Card) -> Iterator[str]:
    named = {"Languages": card.languages, "Domains": card.domains, **card.categories}
    for title, counted in named.items():
        if counted is not None:
            yield f"### {_text(title)}\n\n{_counted(counted, card.documents)}"
    if card.nulls:
        rows = [(name, words.count(n), words.percent(n, card.documents)) for name, n in card.nulls.items()]
        yield "### Missing values\n\n" + _table(("column", "rows", "share"), rows, right=(1, 2))


def _counted(counted: Counted, total: int) -> str:
    shown = dict(counted.values) | ({"all others": counted.others} if counted.others else {})
    widest = max([*shown.values(), 1])
    rows = [
        (n, words.count(c), words.percent(c, total), "█" * max(1, _BAR * c // widest))
        for n, c in shown.items()
    ]
    return _table(("value", "rows", "share", ""), rows, right=(1, 2))


def _metrics(card: Card) -> list[str]:
    rows = []
    for found in card.histograms:
        limits = ", ".join(f"{limit.name} {words.number(limit.value)}" for limit in found.limits)
        rows.append((found.title, describe(found), limits))
    if not rows:
        return []
    sample = f"Of a sample of {words.plural(card.sampled_rows, 'row')}; least and most of all rows."
    return [sample, _table(("column", "values", "limits"), rows)]


def _reason(reason: Reason) -> str:
    limit = f", limit {_text(reason.limit.name)} {words.number(reason.limit.value)}" if reason.limit else ""
    head = f"### {_text(reason.step)}: {_text(reason.reason)}\n\n{words.plural(reason.rows, 'row')}"
    said = f"{head}, {words.percent(reason.share, 1)} of the stage's rows{limit}."
    if reason.spread:
        least, middle, most = (words.number(value) for value in reason.spread)
        said += f" Measured: {least} to {most}, median {middle}."
    return "\n\n".join([said, *(_quoted(example) for example in reason.examples)])


def _duplicates(card: Card) -> list[str]:
    found = card.duplicates
    if found is None:
        return []
    rows = [(reason, words.count(n), words.percent(n, card.rows_in)) for reason, n in found.by_reason.items()]
    said = f"{words.plural(found.groups, 'document')} are kept for them."
    return [_table(("reason", "rows", "share"), rows, right=(1, 2)), said]


def _pii(card: Card) -> list[str]:
    rows = [(kind, words.count(n)) for kind, n in card.masked.items()]
    return [_table(("kind", "values masked"), rows, right=(1,))] if rows else []


def _gate(card: Card) -> list[str]:
    rows = [
        (
            "holds" if promise.success else "**broken**",
            promise.name,
            promise.severity,
            words.count(promise.unexpected_rows) if promise.unexpected_rows else "",
            promise.reason or "",
        )
        for promise in card.promises
    ]
    columns = ("", "promise", "severity", "rows that break it", "why")
    return [_table(columns, rows, right=(3,), plain=(0,))] if rows else []


def _provenance(card: Card) -> list[str]:
    made = card.provenance
    facts = [("built", f"{made.built_at:%Y-%m-%d %H:%M:%S} UTC, attempt {made.attempt}")]
    facts += [
        (s["table"], f"{s['format']} snapshot {s['snapshot_id']}, {s['rows']:,} rows") for s in made.snapshots
    ]
    facts += [("fingerprint", made.fingerprint), ("recipe", made.recipe_hash), ("code", made.code_version)]
    parts = [_table(("", ""), facts)]
    if made.sources:
        rows = [
            (
                source.name,
                words.count(source.rows),
                source.licence or "not stated by the source",
                source.origin_uri,
            )
            for source in made.sources
        ]
        parts.append(_table(("source", "rows", "licence", "origin"), rows, right=(1,)))
    return parts


def _quoted(example: Example) -> str:
    """Return an example in a fence that its text cannot close."""
    value = f"measured {words.number(example.value)}" if example.value is not None else ""
    about = " · ".join(part for part in (example.doc_id, value, example.detail) if part)
    return f"{_fenced(example.text or '(empty)')}\n\n{_text(about)}"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    plain: Sequence[int] = (),
) -> str:
    rule = "|".join("---:" if n in right else "---" for n in range(len(columns)))
    lines = [f"| {' | '.join(columns)} |", f"|{rule}|"]
    for row in rows:
        cells = [value if n in plain else _text(value) for n, value in enumerate(row)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _text(value: str) -> str:
    """Return a text on one line in which nothing is markup, neither of Markdown nor of HTML."""
    line = " ".join(value.split())
    return escape(_SPECIAL.sub(_escaped, line), quote=False)


def _escaped(found: re.Match[str]) -> str:
    """Return a sign with a backslash before it; of a number that would begin a list, its full stop is what counts."""
    sign = found.group()
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"
