"""The trained classifier: a linear model in numpy, and its file.

The file is an ``.npz`` archive of float32 arrays and a JSON card. It is read without pickle, so a forged file can
give wrong classes but cannot run code; its sha256 is checked before it is read at all.
"""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from penstock.errors import CorruptionError
from penstock.model.artefact import read_checked
from penstock.model.examples import FloatArray, NgramRows, bert_rows, language_rows
from penstock.model.spec import FORMAT, ModelCard

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Classifier:
    """Weights (features x classes) of a multinomial logistic regression, and the card that explains them."""

    card: ModelCard
    ngrams: FloatArray
    bert: FloatArray
    languages: FloatArray

    def logits(self, columns: dict[str, pa.Array]) -> FloatArray:
        """Return rows x classes from the columns ``ngram_indices``, ``ngram_values``, ``bert`` and ``lang``.

        Raises:
            ContractError: when the columns are not of the features that the model was trained on.
        """
        spec = self.card.features
        sparse = NgramRows.from_arrow(columns["ngram_indices"], columns["ngram_values"], spec)
        total = sparse.times(self.ngrams) + language_rows(columns["lang"], spec) @ self.languages
        return total + bert_rows(columns["bert"], spec) @ self.bert if spec.bert_dimensions else total

    def probabilities(self, columns: dict[str, pa.Array]) -> FloatArray:
        """Return rows x classes: how probable each class is (0 to 1, together 1)."""
        logits = self.logits(columns)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)

    def predict(self, columns: dict[str, pa.Array]) -> tuple[npt.NDArray[np.str_], FloatArray]:
        """Return each row's most probable class and that class's probability (0 to 1)."""
        scores = self.probabilities(columns)
        chosen = scores.argmax(axis=1)
        return np.asarray(self.card.classes)[chosen], scores[np.arange(len(chosen)), chosen]

    def to_bytes(self) -> bytes:
        """Return the model file; equal models give equal bytes."""
        stream = io.BytesIO()
        card = np.frombuffer(self.card.model_dump_json().encode(), dtype=np.uint8)
        np.savez_compressed(
            stream,
            card=card,
            ngrams=self.ngrams.astype("<f4"),
            bert=self.bert.astype("<f4"),
            languages=self.languages.astype("<f4"),
        )
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, *, where: str) -> Classifier:
        """Parse a model file.

        Raises:
            CorruptionError: when it is none, of another format, or its arrays do not fit its card.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                document = json.loads(arrays["card"].tobytes())
                if document["format"] != FORMAT:
                    raise _bad_file(where, f"format {document['format']}, this release reads {FORMAT}")
                card = ModelCard.model_validate(document)
                model = cls(card, arrays["ngrams"], arrays["bert"], arrays["languages"])
        except (
            ValueError,
            KeyError,
            TypeError,
            EOFError,
            OSError,
            zipfile.BadZipFile,
            ValidationError,
        ) as error:
            raise _bad_file(where, f"{type(error).__name__}: {str(error)[:200]}") from error
        _check_shapes(model, where)
        return model


def load(uri: str, sha256: str, options: Mapping[str, Any] | None = None) -> Classifier:
    """Return the model at ``uri``, read and checked once a process; ``options`` are those of its lake's filesystem.

    Raises:
        CorruptionError: when its bytes are not those that were published.
        SourceError: when it cannot be read right now.
    """
    return _load(uri, sha256, json.dumps(dict(options or {})))


@functools.lru_cache(maxsize=4)
def _load(uri: str, sha256: str, options: str) -> Classifier:
    return Classifier.from_bytes(read_checked(uri, sha256, json.loads(options)), where=uri)


def _check_shapes(model: Classifier, where: str) -> None:
    spec, classes = model.card.features, len(model.card.classes)
    expected: dict[str, Any] = {
        "ngrams": (spec.buckets, classes),
        "bert": (spec.bert_dimensions, classes),
        "languages": (len(spec.languages), classes),
    }
    for name, shape in expected.items():
        array: FloatArray = getattr(model, name)
        if array.shape != shape or not np.isfinite(array).all():
            raise _bad_file(where, f"{name} of shape {array.shape} (finite numbers of {shape} expected)")


def _bad_file(where: str, problem: str) -> CorruptionError:
    message = (
        f"model: expected a Penstock model file, got {problem} ({where}); run the flow that trained it again"
    )
    return CorruptionError(message, failed={"model_file": 1}, sample_uri=where)
