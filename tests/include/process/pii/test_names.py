from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from penstock.errors import RecipeError
from penstock.process.pii import names
from penstock.process.pii.layer import find_spans
from penstock.process.pii.mask_pii import MaskPii, every_kind
from penstock.process.pii.pieces import Batch


def test_a_model_that_is_not_installed_is_an_error_that_says_what_to_install(context, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    names.load.cache_clear()
    with pytest.raises(
        RecipeError, match=r"the library spacy .*\(pip install spacy, then python -m spacy download en_core"
    ):
        MaskPii(kinds=("person",)).check(context)


def test_a_missing_pipeline_is_named(context, monkeypatch):
    def load(model: str, exclude: tuple[str, ...]) -> None:
        message = f"[E050] Can't find model {model!r}"
        raise OSError(message)

    monkeypatch.setitem(sys.modules, "spacy", SimpleNamespace(load=load))
    names.load.cache_clear()
    with pytest.raises(RecipeError, match="the spaCy model 'xx_none'"):
        MaskPii(kinds=({"kind": "address", "model": "xx_none"},)).check(context)


def test_entities_of_a_model_become_spans_in_bytes(monkeypatch):
    def parse(text: str) -> SimpleNamespace:
        start = text.find("Ann Lee")
        entity = SimpleNamespace(text="Ann Lee", label_="PERSON", start_char=start)
        return SimpleNamespace(ents=[entity] if start >= 0 else [])

    monkeypatch.setattr(names, "load", lambda model: parse)
    monkeypatch.setattr(names, "MAX_CHARS", 10)
    (found,) = names.Person().find(Batch([b"", "0123456789äö Ann Lee".encode()]))
    assert (found.document, found.start, found.end) == (1, 15, 22)  # in the second part of the second text
    monkeypatch.setattr(names, "MAX_CHARS", 1000)
    (found,) = names.Person().find(Batch(["äö Ann Lee!".encode()]))
    assert (found.start, found.end, found.value) == (5, 12, "ann lee")
    assert list(names.Address().find(Batch([b"Ann Lee"]))) == []


def test_a_model_reads_a_text_once_for_all_its_kinds(monkeypatch):
    seen = []

    def parse(text: str) -> SimpleNamespace:
        seen.append(text)
        return SimpleNamespace(
            ents=[
                SimpleNamespace(text="Ann Lee", label_="PERSON", start_char=0),
                SimpleNamespace(text="Lima", label_="GPE", start_char=11),
            ]
        )

    monkeypatch.setattr(names, "load", lambda model: parse)
    [(_, spans)] = find_spans(["Ann Lee in Lima"], [names.Person(), names.Address()])
    assert [(span.kind, span.value) for span in spans] == [("person", "ann lee"), ("address", "lima")]
    assert seen == ["Ann Lee in Lima"]


def test_all_kinds_need_no_model():
    assert not {"person", "address"} & set(every_kind())
    assert len(every_kind()) >= 14
