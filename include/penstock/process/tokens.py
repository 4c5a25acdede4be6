"""Step ``tokens``: the words of a text as a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from penstock.process.step import Context, Document, DocumentStep

if TYPE_CHECKING:
    import pyarrow as pa


class Tokens(DocumentStep):
    """Set ``tokens``: the words in their order, lowercased with ``lowercase``.

    ``penstock.process.tokenizer`` has the rules. Run ``language`` before it: Chinese is segmented by jieba, every other
    language by letters, digits and spaces.
    """

    kind: Literal["tokens"] = "tokens"
    lowercase: bool = False

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the column."""
        import pyarrow as pa

        return {"tokens": pa.list_(pa.string())}

    def apply(self, document: Document, context: Context) -> None:
        """Set the words."""
        words = document.tokens
        document["tokens"] = [word.lower() for word in words] if self.lowercase else list(words)
