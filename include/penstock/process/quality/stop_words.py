"""Step ``stop_words``: the share of stop words, by the definition of Data-Juicer or of Penstock's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from penstock.process.quality.bounded import BoundedStep
from penstock.process.quality.rules.special import refined
from penstock.process.quality.rules.view import View
from penstock.process.step import Context, Document, Drop
from penstock.process.word_list import Listed
from penstock.process.worker_files import load


class StopWords(BoundedStep):
    """Measure stop words by all words, in lower case; outside of ``min`` and ``max`` a text leaves (``stop_words``).

    ``definition``: ``penstock`` takes the document's tokens, ``data_juicer`` what stands between blanks, tabs and
    line feeds, without signs around it (stopwords_filter without a tokenizer; its default is ``min: 0.3`` with its
    own lists, which are not a part of Penstock). ``lists`` by language; a language without a list (the column
    ``lang``, else ``default_language``) has no number. A text without words has 0.
    """

    kind: Literal["stop_words"] = "stop_words"
    definition: Literal["penstock", "data_juicer"] = "penstock"
    lists: dict[str, Listed] = Field(min_length=1)
    default_language: str = "en"

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the lists in lower case."""
        return {
            language: "\n".join(sorted({word.lower() for word in words.entries(read)})).encode()
            for language, words in self.lists.items()
        }

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Count."""
        language = document.language or self.default_language
        if language not in self.lists:
            return self.judge(document, None, "stop_words")
        listed = load(self, language, context, _words)
        if self.definition == "data_juicer":
            words = refined(part.lower() for part in View(document, context.max_token_chars).parts)
        else:
            words = [word.lower() for word in document.tokens]
        share = sum(word in listed for word in words) / len(words) if words else 0.0
        return self.judge(document, share, "stop_words")


def _words(content: bytes) -> frozenset[str]:
    return frozenset(content.decode().split("\n"))
