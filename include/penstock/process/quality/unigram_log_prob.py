"""Step ``unigram_log_prob``: how common a text's words are."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
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
    such as the one of datatrove from Google's trillion words. The words are the document's tokens in lower case,
    where datatrove takes spaCy's; punctuation, which spaCy counts as words of frequency 1e-9, is no token here. A
    text without words stays. ``min`` replaces the threshold (a text at it stays).
    """

    kind: Literal["unigram_log_prob"] = "unigram_log_prob"
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
        words = document.tokens
        logs = load(self, "logs", context, json.loads)
        value = sum(logs.get(word.lower(), UNKNOWN) for word in words) / len(words) if words else None
        return self.judge(document, value, "unigram_log_prob")
