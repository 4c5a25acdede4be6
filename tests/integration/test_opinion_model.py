"""The classifier's flow beside the flow that it serves, through all ten stages, on made-up opinions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penstock.errors import ContractError, CorruptionError
from penstock.ingest.stage import ingest
from penstock.jobs.session import connect
from penstock.ledger import Ledger
from penstock.process.stage import process
from penstock.receipt import Receipt, Verdict
from penstock.recipe import Recipe, load
from penstock.services.spark_server import ensure_running
from penstock.stage import Run
from penstock.store.catalog import local_catalog
from penstock.store.read import scan
from penstock.store.stage import store
from penstock.transfer.stage import transfer
from penstock.validate.promises import Promises
from penstock.validate.promises import load as load_promises
from penstock.validate.stage import validate

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

INCLUDE = Path(__file__).parents[2] / "include"
# Words that no lexicon knows, so that VADER calls every English text neutral.
WORDS = {
    ("en", "positive"): ("zorgle", "blimfy", "quandel"),
    ("en", "negative"): ("drusk", "morbat", "flenk"),
    ("zh", "positive"): ("喜欢", "很好", "满意"),
    ("zh", "negative"): ("讨厌", "很差", "失望"),
}
COLUMNS = ("source", "lang", "label", "text")


def write_day(folder: Path, day: str, *, rows: int = 2600, true_labels: bool = True) -> None:
    draw = np.random.default_rng(int(day[-2:]))
    kinds = list(WORDS)
    with (folder / f"{day}.jsonl").open("w") as stream:
        for number in range(rows):
            lang, label = kinds[number % 4]
            text = " ".join([*draw.choice(WORDS[(lang, label)], 2), f"item{number}", f"of{day}"])
            written = label if true_labels else ("positive", "negative")[int(draw.integers(2))]
            record = {"source": f"shop_{lang}", "lang": lang, "label": written, "text": text}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    folder = tmp_path / "feed"
    folder.mkdir()
    return folder


@pytest.fixture
def texts(feed: Path) -> Recipe:
    decoder = {"kind": "jsonl", "columns": [{"name": name} for name in COLUMNS]}
    steps = [{"kind": "hashed_ngrams"}, {"kind": "bert", "languages": []}, {"kind": "sentiment"}]
    said = ["sentiment", "sentiment_score", "sentiment_model"]
    tables = [
        {"name": "labeled_table", "columns": ["doc_id", *COLUMNS, *said]},
        {"name": "feature_table", "columns": ["doc_id", "ngram_indices", "ngram_values", "bert"]},
    ]
    return Recipe.model_validate(
        {
            "dataset": "opinion_text",
            "start": "2026-11-10",
            "ingest": {"source": {"kind": "folder", "path": f"{feed}/{{run_key}}.jsonl"}},
            "transfer": {"decoder": decoder},
            "process": {"steps": steps},
            "store": {"tables": tables},
        }
    )


class Flows:
    """Runs both flows for a day."""

    def __init__(self, run_of: Callable[..., Run], texts: Recipe, catalog: dict[str, str]) -> None:
        self.run_of, self.texts, self.catalog = run_of, texts, catalog
        self.model = load(INCLUDE / "recipes" / "opinion_model.yaml")
        self.promises = load_promises(INCLUDE / "expectations" / "opinion_model.yaml")

    def run_texts(self, day: str) -> dict[str, Receipt]:
        return self._run(self.texts, Promises(dataset="opinion_text"), day)

    def run_model(self, day: str) -> dict[str, Receipt]:
        return self._run(self.model, self.promises, day)

    def _run(self, recipe: Recipe, promises: Promises, day: str) -> dict[str, Receipt]:
        run = self.run_of(recipe, day, catalog=self.catalog)
        receipts = [ingest(run), transfer(run), process(run), validate(run, promises), store(run)]
        return {receipt.stage.value: receipt for receipt in receipts}

    def published(self, dataset: str, table: str, day: str) -> list[dict[str, Any]]:
        run = self.run_of(self.model, day)
        return list(scan(run.lake, self.catalog, dataset, table, [day]).to_pylist())


@pytest.fixture
def flows(run_of: Callable[..., Run], texts: Recipe, tmp_path: Path, penstock_home: Path) -> Iterator[Flows]:
    # A session of its own: it keeps the first catalog that it is given.
    session = connect(ensure_running(penstock_home, timeout_s=180), timeout_s=60)
    yield Flows(partial(run_of, spark=lambda: session), texts, local_catalog(tmp_path / "home"))
    session.stop()


def test_a_day_is_classed_by_the_model_of_an_earlier_day(flows: Flows, feed: Path, ledger: Ledger) -> None:
    write_day(feed, "2026-11-10")
    write_day(feed, "2026-11-11", rows=400)
    first = flows.run_texts("2026-11-10")
    assert "no accepted model of opinion_model is older than this day" in first["process"].notes[0]
    assert {row["sentiment"] for row in flows.published("opinion_text", "labeled_table", "2026-11-10")} == {
        None
    }

    trained = flows.run_model("2026-11-10")
    assert trained["validate"].verdict is Verdict.PASS
    assert trained["process"].dropped["used_for_training"] + trained["process"].rows_out == 2600
    evaluation = flows.published("opinion_model", "evaluation_table", "2026-11-10")
    assert len(evaluation) == trained["store"].rows_out
    assert {row["published_day"] for row in evaluation} == {"2026-11-10"}
    model = ledger.newest_model("opinion_model", before="2026-11-11")
    assert model is not None
    assert set(model["training_snapshot"]["2026-11-10.jsonl"]) == {
        "penstock.opinion_text.labeled_table",
        "penstock.opinion_text.feature_table",
    }

    second = flows.run_texts("2026-11-11")
    assert second["process"].details["models"] == {"opinion_model": model["version"]}
    rows = flows.published("opinion_text", "labeled_table", "2026-11-11")
    assert {row["sentiment_model"] for row in rows} == {model["version"]}
    assert sum(row["sentiment"] == row["label"] for row in rows) > 0.95 * len(rows)

    assert all(receipt.unchanged for receipt in flows.run_texts("2026-11-10").values())
    assert all(receipt.unchanged for receipt in flows.run_model("2026-11-10").values())


def test_no_document_is_on_both_sides(flows: Flows, feed: Path) -> None:
    for day, rows in (("2026-11-10", 2600), ("2026-11-11", 400)):
        write_day(feed, day, rows=rows)
        flows.run_texts(day)
    early, late = flows.run_model("2026-11-10"), flows.run_model("2026-11-11")
    assert late["process"].rows_in == 3000
    first = {
        row["original_doc_id"] for row in flows.published("opinion_model", "evaluation_table", "2026-11-10")
    }
    second = Counter(
        row["original_doc_id"] for row in flows.published("opinion_model", "evaluation_table", "2026-11-11")
    )
    assert early["store"].rows_out == len(first)
    assert first < set(second)  # held back once, held back for ever
    assert max(second.values()) == 1


def test_a_model_that_learnt_nothing_is_stopped_and_the_older_one_stays(
    flows: Flows, feed: Path, ledger: Ledger
) -> None:
    write_day(feed, "2026-11-10")
    flows.run_texts("2026-11-10")
    flows.run_model("2026-11-10")
    good = ledger.newest_model("opinion_model", before="2026-11-13")

    write_day(feed, "2026-11-10", true_labels=False)
    flows.run_texts("2026-11-10")
    with pytest.raises(ContractError, match="the model beats the majority class by five points"):
        flows.run_model("2026-11-10")
    assert ledger.newest_model("opinion_model", before="2026-11-13") == good


def test_a_model_file_that_was_changed_stops_the_run_before_any_row(
    flows: Flows, feed: Path, ledger: Ledger
) -> None:
    write_day(feed, "2026-11-10")
    write_day(feed, "2026-11-11", rows=400)
    flows.run_texts("2026-11-10")
    flows.run_model("2026-11-10")
    model = ledger.newest_model("opinion_model", before="2026-11-11")
    assert model is not None
    file = Path(str(model["uri"]).removeprefix("file://"))
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"!")
    with pytest.raises(CorruptionError, match=f"expected sha256 {model['sha256']}"):
        flows.run_texts("2026-11-11")
    file.write_bytes(content)
    assert flows.run_texts("2026-11-11")["store"].rows_out == 400
