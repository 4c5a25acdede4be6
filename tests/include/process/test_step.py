from __future__ import annotations

from typing import Literal

import pytest
from pydantic import ValidationError

from penstock.params import members
from penstock.process.section import STEP_GROUP, STEP_PACKAGE
from penstock.process.step import Context, Document, DocumentStep, Drop, FrameStep, Step, lake_secrets
from support.step_examples import EXAMPLES


class OneInThree(DocumentStep):
    """Keep, drop, raise, in turn."""

    kind: Literal["one_in_three"] = "one_in_three"

    def apply(self, document: Document, context: Context) -> Drop | None:
        if document.text == "raise":
            int("no number")
        return Drop("asked") if document.text == "drop" else None


def test_an_exception_is_the_verdict_on_its_document_alone(context):
    documents = [Document({"text": text}) for text in ("keep", "drop", "raise", "keep")]
    verdicts = OneInThree().apply_batch(documents, context)
    assert verdicts[:2] == [None, Drop("asked")]
    assert isinstance(verdicts[2], ValueError)
    assert verdicts[3] is None


def test_what_the_lake_must_know_travels_apart_from_the_json():
    options = {"key": "key", "secret": "hunter2", "client_kwargs": {"verify": False}}
    context = Context(dataset="notes", run_key="2026-11-16", secrets=lake_secrets(options))
    assert context.lake_options() == options
    assert "hunter2" not in f"{context!r} {context.model_dump_json()}"
    assert lake_secrets({}) == {}
    assert Context(dataset="notes", run_key="2026-11-16").lake_options() == {}


def test_a_step_without_a_method_says_so(context):
    assert isinstance(DocumentStep().apply_batch([Document({"text": "a"})], context)[0], NotImplementedError)


@pytest.mark.parametrize("kind", sorted(members(Step, package=STEP_PACKAGE, group=STEP_GROUP)))
def test_every_step_is_of_one_kind_of_work_frozen_and_strict(kind):
    cls = members(Step, package=STEP_PACKAGE, group=STEP_GROUP)[kind]
    assert issubclass(cls, DocumentStep) != issubclass(cls, FrameStep)
    assert cls.__doc__
    step = cls(**EXAMPLES.get(kind, {}))
    assert cls.model_validate(step.model_dump(mode="json", by_alias=True)) == step
    with pytest.raises(ValidationError, match="frozen"):
        step.kind = "other"
    with pytest.raises(ValidationError, match="Extra inputs"):
        cls(no_such_parameter=1)
