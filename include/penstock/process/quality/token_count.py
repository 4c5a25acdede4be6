"""Step ``token_count``: how many tokens a model would see, and how many characters each of them stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from penstock.errors import RecipeError
from penstock.process.step import Context, Document, DocumentStep, Drop, Verdicts
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
        content = read(self.tokenizer)
        try:
            _tokenizer(content)
        except Exception as error:  # the library raises the class Exception itself
            message = f"token_count: expected a tokenizer.json at {self.tokenizer}, got {error}"
            raise RecipeError(message) from error
        return {"tokenizer": content}

    def apply_batch(self, documents: Sequence[Document], context: Context) -> Verdicts:
        """Tokenise a batch at once."""
        tokenizer = load(self, "tokenizer", context, _tokenizer)
        texts = [_valid(document.text[: context.max_token_chars]) for document in documents]
        counts = [len(found.ids) for found in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
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


def _valid(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _tokenizer(content: bytes) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(content.decode("utf-8"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
