"""Step ``periodic_repetition``: the same few tokens over and over again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from penstock.process.quality.bounded import BoundedStep
from penstock.process.step import Context, Document, Drop
from penstock.process.tokenizer_file import read_tokenizer, token_ids, tokenizer_of
from penstock.process.worker_files import load

if TYPE_CHECKING:
    import numpy as np

MAX_TIMES = 31
MAX_SHOWN_CHARS = 100


class PeriodicRepetition(BoundedStep):
    """Count how often 1 to ``max_period`` tokens come in a row; at 32 times a text leaves (``periodic_repetition``).

    The number is the greatest of the text, 1 when nothing is repeated; the detail is what is repeated. Definition and
    bound: OLMo 2 (arXiv:2501.00656) drops texts with 32 or more repeated n-grams of 1 to 13 tokens, as dolma's
    tokenizer_repetitions_v2r2 finds them (that one reports three times and more). ``tokenizer`` is a
    ``tokenizer.json`` as for ``token_count``. Without one a token is what stands between blanks, which is fast and sees
    nothing in scripts without blanks. The first ``max_token_chars`` characters are looked at; a text without tokens
    has no number.
    """

    kind: Literal["periodic_repetition"] = "periodic_repetition"
    tokenizer: str | None = None
    max_period: int = Field(default=13, ge=1, le=1000)

    def published(self) -> tuple[float | None, float | None]:
        """Return OLMo 2's limit."""
        return None, MAX_TIMES

    def prepare(self, read: Callable[[str], bytes]) -> Mapping[str, bytes]:
        """Return the tokeniser, if there is one."""
        if self.tokenizer is None:
            return {}
        return {"tokenizer": read_tokenizer(read, self.tokenizer, step=self.kind)}

    def apply(self, document: Document, context: Context) -> Drop | None:
        """Look for the longest repetition."""
        import numpy as np

        text = document.text[: context.max_token_chars]
        tokenizer = load(self, "tokenizer", context, tokenizer_of) if self.tokenizer else None
        words = text.split() if tokenizer is None else []
        ids = _numbers(words) if tokenizer is None else token_ids(tokenizer, [text])[0]
        if not ids:
            return self.judge(document, None, self.kind)
        times, start, period = most_repeated(np.array(ids, dtype=np.int64), self.max_period)
        piece = slice(start, start + period)
        shown = " ".join(words[piece]) if tokenizer is None else str(tokenizer.decode(ids[piece]))
        return self.judge(document, times, self.kind, shown[:MAX_SHOWN_CHARS])


def _numbers(words: Sequence[str]) -> list[int]:
    """Number words, equal ones alike."""
    found: dict[str, int] = {}
    return [found.setdefault(word, len(found)) for word in words]


def most_repeated(ids: np.ndarray[Any, Any], max_period: int) -> tuple[int, int, int]:
    """Return how often, from where and of how many tokens the sequence is that comes most often in a row.

    Of several the shortest, then the first.
    """
    import numpy as np

    best = (1, 0, 1)
    for period in range(1, min(max_period, len(ids) // 2) + 1):
        # A run of k tokens that equal those a period before them is k // period + 1 times the same.
        breaks = np.flatnonzero(ids[period:] != ids[:-period])
        edges = np.concatenate(([-1], breaks, [len(ids) - period]))
        runs = np.diff(edges) - 1
        longest = int(np.argmax(runs))
        times = int(runs[longest]) // period + 1
        if times > best[0]:
            best = (times, int(edges[longest]) + 1, period)
    return best
