"""Step ``unigram_log_prob``: how common a text's words are."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from penstock.errors import RecipeError
from penstock.process.quality.bounded import BoundedStep
from penstock.process.step import Context, Document, Drop
from penstock.process.word_list import Listed
from penstock.process.worker_files import load

UNKNOWN = math.log(1e-9)
"""The logarithm of the frequency of a word that is not in the list (datatrove 0.10.1, unigram_log_probs.py)."""

MIN_LOG_PROB = -10.0
"""datatrove's logprobs_threshold; the idea is peS2o's (Soldaini and Lo 2023)."""


class UnigramLogProb(BoundedStep):
    """Measure the mean of the natural logarithms of the words' frequencies; at -10 or less a text leaves.

    Reason: ``unigram_log_prob``. ``frequencies`` is a list of ``word,count`` (a first line that says so is skipped),
    such as the one of datatrove from Google's trillion words; a word that it does not have counts as 1e-9. ``min``
    replaces the threshold (a text at it stays).

    ``definition`` says whose words are looked up, in lower case:

    - ``penstock``: the document's tokens, of any language, without punctuation; a text without words has no number.
    - ``datatrove``: those of UnigramLogProbFilter of datatrove 0.10.1, which are spaCy's for English. Punctuation is
      a word there, an unknown one unless it is listed; a text without words has 0.
    """

    kind: Literal["unigram_log_prob"] = "unigram_log_prob"
    definition: Literal["penstock", "datatrove"] = "penstock"
    frequencies: Listed

    def published(self) -> tuple[float | None, float | None]:
        """Return what is just above the threshold, which itself does not stay."""
        return math.nextafter(MIN_LOG_PROB, 0.0), None

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the logarithms."""
        counts: dict[str, int] = {}
        for number, entry in enumerate(self.frequencies.entries(read)):
            word, _, count = entry.rpartition(",")
            if not word or not count.strip().isdigit():
                if number == 0:
                    continue
                message = f"unigram_log_prob: expected word,count in entry {number + 1}, got {entry[:80]!r}"
                raise RecipeError(message)
            counts[word] = int(count)
        total = sum(counts.values())
        if not total:
            message = "unigram_log_prob: expected frequencies with a word that occurs, got none"
            raise RecipeError(message)
        logs = {word: round(math.log(count / total), 6) for word, count in counts.items() if count}
        return {"logs": json.dumps(logs, ensure_ascii=False).encode()}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Take the mean."""
        logs = load(self, "logs", context, json.loads)
        is_theirs = self.definition == "datatrove"
        words = _english_words(document.text[: context.max_token_chars]) if is_theirs else document.tokens
        if words:
            value = sum(logs.get(word.lower(), UNKNOWN) for word in words) / len(words)
        else:
            value = 0.0 if is_theirs else None
        return self.judge(document, value, "unigram_log_prob")


def _english_words(text: str) -> Sequence[str]:
    from penstock.text.kernel.api import english_words

    return english_words(text)
