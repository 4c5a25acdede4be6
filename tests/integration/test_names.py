"""Names and addresses by a real recogniser of spaCy, trained here on a few sentences, and read from its folder."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.process.pii import names
from penstock.process.pii.mask_pii import MaskPii
from penstock.process.step import Context, Document
from support.home import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

PEOPLE = ("Ann Lee", "Bob Stone", "Maria Garcia", "Wei Zhang", "Tom Baker")
PLACES = ("Paris", "Berlin", "New York", "Cairo", "Lima")
BATCH = 8
SENTENCES = (
    "{person} lives in {place} .", "I met {person} yesterday in {place} .", "Ask {person} about it .",
    "The weather is fine .", "The weather in {place} is fine .", "{person} wrote the parser .",
    "The file parser is slow .", "Write the words here .",
)  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a pipeline of one component."""
    (site,) = (ROOT / ".venv-integration" / "lib").glob("python3.*/site-packages")
    sys.path.append(str(site))  # behind Penstock's own packages, which are the same versions
    folder = tmp_path_factory.mktemp("model")
    train().to_disk(folder)
    names.load.cache_clear()
    yield folder
    names.load.cache_clear()
    sys.path.remove(str(site))


def train() -> Any:
    import spacy
    from spacy.training import Example

    spacy.util.fix_random_seed(3)
    choose = random.Random(3)
    pipeline = spacy.blank("en")
    pipeline.add_pipe("ner")
    examples = []
    for sentence in SENTENCES * 20:
        person, place = choose.choice(PEOPLE), choose.choice(PLACES)
        text = sentence.format(person=person, place=place)
        found = [(text.find(name), len(name), label) for name, label in ((person, "PERSON"), (place, "GPE"))]
        entities = [(start, start + size, label) for start, size, label in found if start >= 0]
        examples.append(Example.from_dict(pipeline.make_doc(text), {"entities": entities}))
    pipeline.initialize(lambda: examples)
    for _ in range(8):
        choose.shuffle(examples)
        for start in range(0, len(examples), BATCH):
            pipeline.update(examples[start : start + BATCH])
    return pipeline


def masked(step: MaskPii, *texts: str) -> list[str]:
    documents = [Document({"text": text, **dict.fromkeys((*step.reads(), *step.adds()))}) for text in texts]
    context = Context(dataset="notes", run_key="2026-11-16")
    step.check(context)
    assert step.apply_batch(documents, context) == [None] * len(texts)
    return [document.text for document in documents]


def step_of(model: Path) -> MaskPii:
    return MaskPii.model_validate(
        {"kinds": ["email", *({"kind": kind, "model": str(model)} for kind in ("person", "address"))]}
    )


def test_people_and_places_become_placeholders_and_the_rest_stays(model: Path):
    texts = ("Ann Lee lives in Cairo .", "", "The weather is fine .", "Ask Wei Zhang about it .")
    expected = ["<PERSON> lives in <ADDRESS> .", "", "The weather is fine .", "Ask <PERSON> about it ."]
    assert masked(step_of(model), *texts) == expected


def test_places_are_counted_in_bytes(model: Path):
    (text,) = masked(step_of(model), "Ünïcödé 中文 \U0001f600 . I met Tom Baker yesterday in Lima . a@b.io")
    assert text.endswith("I met <PERSON> yesterday in <ADDRESS> . <EMAIL>")


def test_a_text_longer_than_spacy_takes_is_read_in_parts(model: Path):
    (text,) = masked(step_of(model), "The weather is fine . " * 20_000 + "Ask Bob Stone about it .")
    assert text.endswith("The weather is fine . Ask <PERSON> about it .")


def test_a_folder_that_holds_no_model_is_named(model: Path, tmp_path: Path):
    from penstock.errors import RecipeError

    with pytest.raises(RecipeError, match=f"the spaCy model '{tmp_path}'"):
        masked(step_of(tmp_path), "Ann Lee")
