"""Step ``word_statistics``: MIN, MAX and COUNT of a text's words, as the reference sample has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from penstock.process.step import Context, Document, DocumentStep

if TYPE_CHECKING:
    import pyarrow as pa


class WordStatistics(DocumentStep):
    """Set ``min_word`` and ``max_word`` (least and greatest by code point) and ``word_count``.

    Without words (emoji alone, null) the count is 0 and both words are null. With ``lowercase`` words are compared,
    and written, in lower case: by code point, capitals come before all small letters.
    """

    kind: Literal["word_statistics"] = "word_statistics"
    lowercase: bool = False

    def adds(self) -> Mapping[str, pa.DataType]:
        """Return the three columns."""
        import pyarrow as pa

        return {"min_word": pa.string(), "max_word": pa.string(), "word_count": pa.int32()}

    def apply(self, document: Document, context: Context) -> None:
        """Set the statistics."""
        words = [word.lower() for word in document.tokens] if self.lowercase else document.tokens
        document["min_word"] = min(words, default=None)
        document["max_word"] = max(words, default=None)
        document["word_count"] = len(words)
