"""Step ``token_count``: how many tokens a model would see, and how many characters each of them stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.process.step import Context, Document, DocumentStep, Drop, Verdicts
from penstock.process.tokenizer_file import read_tokenizer, token_ids, tokenizer_of
from penstock.process.worker_files import load

if TYPE_CHECKING:
    import pyarrow as pa


class TokenCount(DocumentStep):
    """Set ``token_count``; drop (``too_few_tokens``, ``too_many_tokens``, ``low_fertility``) when asked to.

    ``tokenizer`` is a ``tokenizer.json`` of Hugging Face's library tokenizers: a URI, or a path from the lake's root.
    Special tokens are not counted. ``min_chars_per_token`` is NeMo Curator's TokenizerFertilityFilter (2.5 there),
    for code that is data. The first ``max_token_chars`` characters of a text are looked at.
    """

    kind: Literal["token_count"] = "token_count"
    tokenizer: str
    min_tokens: int = Field(default=0, ge=0)
    max_tokens: int | None = Field(default=None, ge=0)
    min_chars_per_token: float = Field(default=0.0, ge=0)

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column."""
        import pyarrow as pa

        return {"token_count": pa.int64()}

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the tokenizer's file, when it is one."""
        return {"tokenizer": read_tokenizer(read, self.tokenizer, step=self.kind)}

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Tokenise a batch at once."""
        texts = [document.text[: context.max_token_chars] for document in documents]
        counts = list(map(len, token_ids(load(self, "tokenizer", context, tokenizer_of), texts)))
        for document, count in zip(documents, counts, strict=True):
            document["token_count"] = count
        return [self._judge(count, len(text)) for count, text in zip(counts, texts, strict=True)]

    def _judge(self, count: int, chars: int) -> Drop | None:
        if count < self.min_tokens:
            return Drop("too_few_tokens", count)
        if self.max_tokens is not None and count > self.max_tokens:
            return Drop("too_many_tokens", count)
        if count and chars / count < self.min_chars_per_token:
            return Drop("low_fertility", chars / count)
        return None
