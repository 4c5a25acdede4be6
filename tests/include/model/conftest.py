"""Made-up opinions in two languages whose class is easy to learn, with real hashed n-grams."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest

from penstock.model.flow import TrainingRun, run_training
from penstock.model.spec import FeatureSpec, TrainingParams

BUCKETS = 4096
SPEC = FeatureSpec(buckets=BUCKETS, bert_dimensions=4)
WORDS = {
    ("en", "positive"): ("good", "great", "love"),
    ("en", "negative"): ("bad", "awful", "hate"),
    ("en", "neutral"): ("table", "monday", "paper"),
    ("zh", "positive"): ("喜欢", "很好", "满意"),
    ("zh", "negative"): ("讨厌", "很差", "失望"),
}

Row = dict[str, object]


def ngrams(text: str | None) -> tuple[list[int], list[float]]:
    """Hash the words of a text, as the process stage does: L2 norm of one."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hasher = HashingVectorizer(analyzer=str.split, n_features=BUCKETS, alternate_sign=False)
    row = hasher.transform([text or ""])
    return [int(i) for i in row.indices], [float(v) for v in row.data]


def row(doc_id: str, text: str | None, label: str | None, lang: str | None = "en", **others: object) -> Row:
    indices, values = ngrams(text)
    bert = [0.5, 0.5, 0.5, -0.5 if label == "negative" else 0.5] if lang == "en" else None
    features = {"ngram_indices": indices, "ngram_values": values, "bert": bert}
    known = {
        "doc_id": doc_id,
        "source": "made_up",
        "lang": lang,
        "text": text,
        "label": label,
        "day": "2026-11-10",
    }
    return {**known, **features, **others}


def table_of(rows: Sequence[Row]) -> pa.Table:
    lists = {"ngram_indices": pa.int32(), "ngram_values": pa.float32(), "bert": pa.float32()}
    names = ("doc_id", "source", "lang", "text", "label", "day")
    schema = pa.schema([(n, pa.string()) for n in names] + [(n, pa.list_(t)) for n, t in lists.items()])
    return pa.Table.from_pylist(list(rows), schema=schema)


def opinions(rows: int = 300, *, seed: int = 7) -> list[Row]:
    """Return texts of three words of a class and two of no class; no two are equal."""
    draw = np.random.default_rng(seed)
    kinds = list(WORDS)
    made: list[Row] = []
    for number in range(rows):
        lang, label = kinds[number % len(kinds)]
        words = [*draw.choice(WORDS[(lang, label)], 3), f"w{draw.integers(50)}", f"n{number}"]
        made.append(row(f"doc{number:05d}", " ".join(words), label, lang))
    return made


@pytest.fixture
def make_row() -> Callable[..., Row]:
    return row


@pytest.fixture
def as_table() -> Callable[[Sequence[Row]], pa.Table]:
    return table_of


@pytest.fixture
def make_opinions() -> Callable[..., list[Row]]:
    return opinions


@pytest.fixture
def examples() -> list[Row]:
    return opinions()


@pytest.fixture
def params() -> TrainingParams:
    return TrainingParams(features=SPEC)


@pytest.fixture(scope="session")
def trained() -> TrainingRun:
    return run_training(table_of(opinions()), TrainingParams(features=SPEC))
