"""Where cards lie in the lake, and how the one of a day gets there when it is published."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from penstock.manifest import Manifest

if TYPE_CHECKING:
    from penstock.lake import Lake
    from penstock.report.card import Card
    from penstock.stage import Run
    from penstock.store.format import Snapshot

logger = logging.getLogger(__name__)

MAX_AUTOMATIC_BYTES = 1 << 30
"""Bytes of checked Parquet up to which a card is made without being asked for (docs/reports.md has what it costs)."""

HTML, MARKDOWN, JSON = "card.html", "card.md", "card.json"


def card_path(dataset: str, run_key: str, name: str = HTML) -> str:
    """Return the path, from the lake's root, of a day's card: one for each published day, beside its Data Docs."""
    return f"docs/{dataset}/{run_key}/card/{name}"


def write_card(lake: Lake, card: Card) -> list[str]:
    """Write a card in its three formats and return their paths from the lake's root."""
    from penstock.report import card_html, card_markdown

    contents = {
        HTML: card_html.render(card),
        MARKDOWN: card_markdown.render(card),
        JSON: card.model_dump_json(indent=1),
    }
    paths = []
    for name, content in contents.items():
        path = card_path(card.dataset, card.run_key, name)
        lake.write_atomically(path, content.encode("utf-8", "replace"))
        paths.append(path)
    return paths


def is_wanted(wanted: bool | None, checked: Manifest, columns: Sequence[str], text_column: str) -> bool:
    """Return whether a card is to be made: as the recipe says, else for text of a moderate size."""
    if wanted is not None:
        return wanted
    return text_column in columns and checked.bytes <= MAX_AUTOMATIC_BYTES


def attach_card(run: Run, checked: Manifest, snapshots: Sequence[Snapshot], attempt_id: str) -> str | None:
    """Write the card of a day that is being published; return a note, or ``None`` when none was wanted.

    Whatever goes wrong is said in the note and in the log: a card never fails a run.
    """
    from penstock.report.card import CardMaker
    from penstock.report.sample import column_types

    dataset, run_key, wanted = run.recipe.dataset, run.run_key, run.recipe.store.card
    began = time.perf_counter()
    try:
        is_whole = hasattr(run.recipe, "process")  # not of an operator that is used alone (Recipe.only)
        text_column = run.recipe.process.text_column if is_whole else "text"
        if not is_wanted(wanted, checked, list(column_types(run.lake, checked.entries())), text_column):
            return None
        maker = CardMaker(
            lake=run.lake,
            dataset=dataset,
            run_key=run_key,
            recipe=run.recipe if is_whole else None,
            ledger=run.ledger,
            snapshots=tuple(snapshots),
            attempt=attempt_id,
        )
        path = run.lake.full(write_card(run.lake, maker.make())[0])
    except Exception as error:
        logger.exception("the dataset card of %s %s could not be made", dataset, run_key)
        return (
            f"the dataset card could not be made ({type(error).__name__}: {error}); the rows are published all the "
            f"same: bin/penstock card {dataset} {run_key} --attach tries again"
        )
    return f"dataset card: {path} ({time.perf_counter() - began:.1f} s)"
