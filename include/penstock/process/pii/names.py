"""Kinds ``person`` and ``address``: what only a model of language finds.

Nothing of the kind comes with Penstock. A model is a named-entity recogniser of spaCy that the user installs; an
installed package may bring another library by a recogniser of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from penstock.errors import RecipeError
from penstock.process.pii.pieces import Batch
from penstock.process.pii.recogniser import Found, Recogniser

MAX_CHARS = 100_000
"""A longer text is shown to the model in parts: spaCy refuses a million characters and needs 1 GB for each 100,000."""

_GRAMMAR = (
    "tagger",
    "parser",
    "senter",
    "morphologizer",
    "attribute_ruler",
    "lemmatizer",
    "trainable_lemmatizer",
)
"""Half of a usual pipeline's time; its recogniser of entities uses none of them."""


class _Entities(Recogniser):
    """What the two share. ``model`` is the name of an installed spaCy pipeline, or a folder that holds one."""

    rank: ClassVar[int] = 80
    default: ClassVar[bool] = False
    model: str = "en_core_web_sm"
    labels: tuple[str, ...] = ()

    def find(self, batch: Batch) -> Iterator[Found]:
        """Yield the entities whose label is one of ``labels``."""
        if self.model not in batch.readings:
            batch.readings[self.model] = list(_read(load(self.model), batch))
        for label, found in batch.readings[self.model]:
            if label in self.labels:
                yield found

    def check(self) -> None:
        """Load the model."""
        load(self.model)


class Person(_Entities):
    """Names of people, by a model that is installed apart."""

    kind: Literal["person"] = "person"
    labels: tuple[str, ...] = ("PERSON", "PER")


class Address(_Entities):
    """Places in the text (cities, streets, buildings), by a model that is installed apart."""

    kind: Literal["address"] = "address"
    labels: tuple[str, ...] = ("GPE", "LOC", "FAC", "ADDRESS")


def _read(model: Any, batch: Batch) -> Iterator[tuple[str, Found]]:
    """Yield each entity with its label."""
    for number, content in enumerate(batch.texts):
        text = content.decode("utf-8", "surrogatepass")
        offset = 0
        for start in range(0, len(text), MAX_CHARS):
            part = text[start : start + MAX_CHARS]
            for entity in model(part).ents:
                name = " ".join(entity.text.casefold().split())
                if name:
                    first = offset + _bytes(part[: entity.start_char])
                    yield entity.label_, Found(number, first, first + _bytes(entity.text), name)
            offset += _bytes(part)


@functools.lru_cache(2)
def load(model: str) -> Any:
    """Return a spaCy pipeline without those of its components that only grammar needs.

    Raises:
        RecipeError: when spaCy or the model is not installed, saying what to install.
    """
    try:
        import spacy  # type: ignore[import-not-found]

        return spacy.load(model, exclude=_GRAMMAR)
    except (ImportError, OSError) as error:
        missing = "the library spacy" if isinstance(error, ImportError) else f"the spaCy model {model!r}"
        message = (
            f"mask_pii: the kinds person and address expected {missing} where Spark's Python runs, got "
            f"{type(error).__name__}: {' '.join(str(error).split())[:200]}; install both there (pip install spacy, "
            f"then python -m spacy download {model}, or give model: a folder), or leave the two kinds out"
        )
        raise RecipeError(message) from error


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
