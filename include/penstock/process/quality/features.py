"""The features of the quality model, made in the same way when it is trained and when it judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from penstock.model.spec import FeatureSpec
from penstock.process.hashed_ngrams import HashedNgrams
from penstock.process.step import Context, Document

if TYPE_CHECKING:
    import pyarrow as pa

ANY_LANGUAGE = "any"
"""The only language of a quality model: its flag is 1 for every document, which makes it the intercept."""

WORDS, HAN_CHARACTERS = (1, 2), (1, 2)
"""Sizes of the n-grams; a model depends on them, so they are no parameters."""


def columns_of(documents: Sequence[Document], spec: FeatureSpec, context: Context) -> dict[str, pa.Array]:
    """Return the columns that `penstock.model.classifier.Classifier` reads; ``bert`` is the documents' own column."""
    import pyarrow as pa

    shown = [_Shown(document) for document in documents]
    HashedNgrams(buckets=spec.buckets, words=WORDS, han_characters=HAN_CHARACTERS).apply_batch(shown, context)
    bert = [document["bert"] if spec.bert_dimensions else None for document in documents]
    return {
        "ngram_indices": pa.array([d["ngram_indices"] for d in shown], type=pa.list_(pa.int32())),
        "ngram_values": pa.array([d["ngram_values"] for d in shown], type=pa.list_(pa.float32())),
        "bert": pa.array(bert, type=pa.list_(pa.float32())),
        "lang": pa.array([ANY_LANGUAGE] * len(shown), type=pa.string()),
    }


class _Shown(Document):
    """A document whose words are those of another one, found once, and whose columns are its own."""

    __slots__ = ("_owner",)

    def __init__(self, owner: Document) -> None:
        super().__init__({"text": owner.text})
        self._owner = owner

    @property
    def tokens(self) -> tuple[str, ...]:
        """The words of the other document."""
        return self._owner.tokens
