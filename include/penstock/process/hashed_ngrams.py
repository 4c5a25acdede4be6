"""Step ``hashed_ngrams``: word n-grams without a vocabulary (Weinberger et al. 2009, arXiv:0902.2206)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from penstock.process import tokenizer
from penstock.process.step import Context, Document, DocumentStep, Verdicts

if TYPE_CHECKING:
    import pyarrow as pa

Range = tuple[int, int]
_CHARACTERS = "\x1f"
"""What a character n-gram begins with, so that it never equals a word."""


class HashedNgrams(DocumentStep):
    """Set ``ngram_indices`` (ascending, below ``buckets``) and ``ngram_values`` (L2 norm 1; both empty without words).

    Counts lowercased n-grams of ``words`` (least, greatest n) words, and with ``han_characters`` also n-grams of so
    many characters inside each run of Han characters, which help where word segmentation errs. The hash is MurmurHash3
    with a sign, as in scikit-learn's FeatureHasher: a text has the same features on any machine, on any day.
    """

    kind: Literal["hashed_ngrams"] = "hashed_ngrams"
    buckets: int = Field(default=2**18, ge=2, le=2**31 - 1)
    words: Range = (1, 2)
    han_characters: Range | None = None

    @model_validator(mode="after")
    def _check_ranges(self) -> Self:
        for name, (least, most) in (("words", self.words), ("han_characters", self.han_characters or (1, 1))):
            if not 1 <= least <= most <= 9:
                message = f"{name}: expected 1 <= least <= greatest <= 9, got [{least}, {most}]"
                raise ValueError(message)
        return self

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the two columns."""
        import pyarrow as pa

        return {"ngram_indices": pa.list_(pa.int32()), "ngram_values": pa.list_(pa.float32())}

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Hash a batch at once; a document's features do not depend on the others."""
        import numpy as np
        from sklearn.feature_extraction import FeatureHasher
        from sklearn.preprocessing import normalize

        hasher = FeatureHasher(self.buckets, input_type="string", dtype=np.float64)
        matrix = hasher.transform([list(self._ngrams(document, context)) for document in documents])
        matrix.eliminate_zeros()
        matrix.sort_indices()
        matrix = normalize(matrix, norm="l2", copy=False)
        indices, values = matrix.indices.astype(np.int32), matrix.data.astype(np.float32)
        for row, document in enumerate(documents):
            start, end = matrix.indptr[row], matrix.indptr[row + 1]
            document["ngram_indices"], document["ngram_values"] = indices[start:end], values[start:end]
        return [None] * len(documents)

    def _ngrams(self, document: Document, context: Context) -> Iterator[str]:
        yield from _grams([word.lower() for word in document.tokens], self.words, " ")
        if self.han_characters is not None:
            for run in tokenizer.han_runs(document.text[: context.max_token_chars]):
                yield from (_CHARACTERS + gram for gram in _grams(run, self.han_characters, ""))


def _grams(units: Sequence[str], sizes: Range, joint: str) -> Iterator[str]:
    for size in range(sizes[0], sizes[1] + 1):
        if size == 1:
            yield from units
        else:
            yield from (joint.join(units[i : i + size]) for i in range(len(units) - size + 1))
