"""The card of a published day, of the real lake and ledger, in every format."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml
from tests.include.report.conftest import HOSTILE

from penstock.errors import ContractError
from penstock.manifest import Zone
from penstock.recipe import Recipe
from penstock.report import card_html, card_markdown, write
from penstock.report.card import Card, CardMaker
from penstock.report.card_parts import cite, flow_rows, reproduce, verdict_words

DAY = "2026-11-16"


@pytest.fixture
def card_of(flow: Any, recipe_of: Callable[..., Recipe]) -> Callable[..., Card]:
    def make(**options: Any) -> Card:
        known = {"recipe": recipe_of(), "ledger": flow.ledger, **options}
        return CardMaker(flow.lake, "notes", DAY, **known).make()

    return make


@pytest.fixture
def hostile(flow: Any) -> None:
    """A day whose every text, reason and label is hostile."""
    texts = [*HOSTILE, None]
    flow.ingest(texts)
    flow.transfer(texts)
    kept = [flow.clean_row(n, text, lang=(text or "")[:100]) for n, text in enumerate(texts)]
    dropped = [
        flow.dropped_row(
            50 + n, text, (text or "reason")[:80] or "empty", drop_value=float(n), drop_detail=text
        )
        for n, text in enumerate(texts)
    ]
    broken = [{**flow.clean_row(90, HOSTILE[0]), "failed_expectations": [HOSTILE[1]]}]
    flow.process([*kept, *broken], dropped)
    flow.validate(kept, broken)
    flow.store(kept)


class Tags(HTMLParser):
    """Collects tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_says_what_came_in_what_left_and_what_stays(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    card = card_of()
    assert (card.documents, card.rows_in, card.verdict) == (2, 4, "warn")
    assert [(r.step, r.reason, r.rows) for r in card.reasons] == [("exact_duplicates", "exact_duplicate", 1)]
    assert [(r.step, r.reason, r.rows) for r in card.quarantined] == [("validate", "text is there", 1)]
    assert card.languages is not None
    assert card.languages.values == {"en": 2}
    assert card.volume is not None
    assert (card.volume.words.total, card.volume.words.plus_minus) == (2, None)
    assert card.duplicates is not None
    assert card.duplicates.groups == 1
    assert [p.name for p in card.promises] == ["text is there"]
    assert {example.text for example in card.kept} == {"one", "two"}
    assert card.provenance.sources[0].origin_uri == "https://notes.example/notes.txt"


def test_the_funnel_accounts_for_every_row(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    rows = list(flow_rows(card_of()))
    assert rows[0] == ("stage", "ingest", 0, 4, 0, 0)
    assert ("reason", "exact_duplicates: exact_duplicate", 3, 1, 1, 0) in rows
    assert ("reason", "text is there", 2, 1, 0, 1) in rows
    assert rows[-1] == ("stage", "store", 0, 2, 0, 0)


def test_the_same_seed_gives_the_same_card(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    first, second = card_of(seed=5), card_of(seed=5)
    assert first.model_copy(update={"made_at": second.made_at}) == second
    assert card_html.render(second) == card_html.render(second)


def test_counts_exactly_on_request(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    volume = card_of(exact=True).volume
    assert volume is not None
    assert (volume.tokens.total, volume.tokens.documents) == (2, 2)


def test_a_day_that_is_not_published_has_none(flow: Any, card_of: Callable[..., Card]):
    with pytest.raises(ContractError, match="run it first: bin/airflow dags test notes 2026-11-16"):
        card_of()
    flow.ingest(["one"])
    flow.transfer(["one"])
    flow.process([flow.clean_row(0, "one")])
    flow.validate([flow.clean_row(0, "one")])
    with pytest.raises(ContractError, match="expected a published day"):
        card_of()


def test_works_without_ledger_and_recipe_and_says_so(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    card = card_of(ledger=None, recipe=None)
    assert card.verdict == "warn"
    assert "without the ledger" in card.notes[0]


def test_says_when_the_checked_rows_are_newer_than_the_published_ones(
    flow: Any, card_of: Callable[..., Card]
):
    flow.whole_day()
    flow.ingest(["one", "other"])
    flow.transfer(["one", "other"])
    flow.process([flow.clean_row(0, "one"), flow.clean_row(1, "other")])
    flow.validate([flow.clean_row(0, "one"), flow.clean_row(1, "other")])
    assert any("made again" in note for note in card_of().notes)


def test_an_empty_day_has_a_card(flow: Any, card_of: Callable[..., Card]):
    flow.ingest([])
    flow.transfer([])
    flow.process([])
    flow.validate([])
    flow.store([])
    card = card_of()
    assert card.documents == 0
    assert "notes" in card_html.render(card)
    assert "notes" in card_markdown.render(card)


@pytest.mark.usefixtures("hostile")
def test_hostile_text_is_text_in_the_page(card_of: Callable[..., Card]):
    page = card_html.render(card_of())
    tags = Tags(page).found
    assert not {"script", "img", "iframe", "object", "form", "link"} & {tag for tag, _ in tags}
    attributes = [(name, value or "") for _, attrs in tags for name, value in attrs.items()]
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert all(value.startswith("#") for name, value in attributes if name in {"href", "xlink:href", "src"})
    assert "jane.doe" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert len(page) < 600_000


@pytest.mark.usefixtures("hostile")
def test_hostile_text_is_text_in_markdown(card_of: Callable[..., Card]):
    text = card_markdown.render(card_of())
    head = yaml.safe_load(text.split("---\n")[1])
    assert head["pretty_name"] == "notes 2026-11-16"
    outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    body = outside.split("---\n", 2)[2]
    assert "<script" not in body
    assert "<img" not in body
    assert not re.search(r"(?<!\\)\]\(", body)
    assert "jane.doe" not in text


def test_markdown_names_languages_size_and_stages(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    text = card_markdown.render(card_of())
    assert yaml.safe_load(text.split("---\n")[1])["language"] == ["en"]
    for words in ("n<1K", "| ingest | 4 | 4 |", "passed the gate with warnings", "@misc{notes-2026-11-16"):
        assert words in text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a|b", "a\\|b"),
        ("1. x", "1\\. x"),
        ("- x", "\\- x"),
        ("[x](y)", "\\[x\\](y)"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("", ""),
    ],
)
def test_markdown_of_a_text_is_no_markup(value: str, expected: str):
    assert card_markdown._text(value) == expected


def test_rows_without_text_have_histograms_and_gaps(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    card = card_of(recipe=None).model_copy(update={"volume": None, "has_text": False, "nulls": {"gust": 2}})
    page = card_html.render(card)
    assert "Columns with gaps" in page
    assert "Missing values" in page


def test_reproduce_and_cite_pin_the_run(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    card = card_of()
    assert "bin/airflow dags test notes 2026-11-16" in reproduce(card)
    assert card.provenance.fingerprint[:16] in cite(card)
    assert verdict_words(None)[0] == "calm"


def test_a_card_lies_beside_the_data_docs_in_three_formats(flow: Any, card_of: Callable[..., Card]):
    flow.whole_day()
    paths = write.write_card(flow.lake, card_of())
    assert paths == [write.card_path("notes", DAY, f"card.{kind}") for kind in ("html", "md", "json")]
    assert Card.model_validate_json(flow.lake.fs.cat_file(flow.lake.full(paths[2]))).documents == 2


def test_store_attaches_a_card_to_text_and_on_request(flow: Any, monkeypatch: pytest.MonkeyPatch):
    flow.whole_day()
    run, checked = flow.run(), flow.lake.manifest(Zone.CHECKED, "notes", DAY)
    assert "dataset card: " in str(write.attach_card(run, checked, (), "store-1"))
    assert flow.lake.fs.exists(flow.lake.full(write.card_path("notes", DAY)))
    monkeypatch.setattr(write, "MAX_AUTOMATIC_BYTES", 0)
    assert write.attach_card(run, checked, (), "store-1") is None


@pytest.mark.parametrize(
    ("wanted", "columns", "expected"),
    [(None, ["text"], True), (None, ["speed"], False), (True, ["speed"], True), (False, ["text"], False)],
)
def test_a_card_is_made_of_text_or_as_the_recipe_says(
    flow: Any, wanted: bool | None, columns: list[str], expected: bool
):
    flow.whole_day()
    checked = flow.lake.manifest(Zone.CHECKED, "notes", DAY)
    assert write.is_wanted(wanted, checked, columns, "text") is expected


def test_a_card_that_fails_is_a_loud_note_and_no_error(
    flow: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    flow.whole_day()

    def broken(self: CardMaker) -> Card:
        message = "boom"
        raise RuntimeError(message)

    monkeypatch.setattr(CardMaker, "make", broken)
    note = write.attach_card(flow.run(), flow.lake.manifest(Zone.CHECKED, "notes", DAY), (), "store-1")
    assert "RuntimeError: boom" in str(note)
    assert "--attach" in str(note)
    assert "could not be made" in caplog.text
