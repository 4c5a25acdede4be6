"""Words and tokens of a text dataset: counted, or estimated from a sample with its confidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from penstock.params import Params
from penstock.process import tokenizer
from penstock.process.bert import load_tokenizer
from penstock.process.document import LANGUAGE_COLUMN

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE_CHARS = 600_000
"""Characters of the sample in which words and tokens are counted: at most a second in English, five in Chinese."""

_Z95 = 1.96
TOKENIZER = (
    "WordPiece of all-MiniLM-L6-v2 (30,522 English entries; other scripts fall into single characters)"
)


class Estimate(Params):
    """A total and the half width of its 95 % confidence interval; exact totals have none.

    ``documents`` is in how many it was counted.
    """

    total: int
    plus_minus: int | None = None
    documents: int = 0


class Volume(Params):
    """How much text there is; ``words`` as `penstock.process.tokenizer` finds them, ``tokens`` by ``tokenizer``."""

    documents: int
    text_bytes: int
    characters: int
    words: Estimate
    tokens: Estimate
    tokenizer: str = TOKENIZER


Counter = Callable[[Sequence[str], Sequence[str | None]], list[int]]


def estimate_volume(
    sample: pa.Table | None, *, text_column: str, documents: int, text_bytes: int, characters: int
) -> Volume:
    """Return the volume with words and tokens estimated from a sample: their ratio to characters, times all."""
    texts, languages, chars = _first(sample, text_column)
    words, tokens = (
        ratio_estimate(chars, count(texts, languages), documents, characters)
        for count in (count_words, count_tokens)
    )
    return Volume(
        documents=documents, text_bytes=text_bytes, characters=characters, words=words, tokens=tokens
    )


def exact_volume(
    tables: Iterable[pa.Table], *, text_column: str, documents: int, text_bytes: int, characters: int
) -> Volume:
    """Return the volume with every word and token counted."""
    words = tokens = seen = 0
    for table in tables:
        texts = [text or "" for text in table[text_column].to_pylist()]
        languages = _languages(table, len(texts))
        words += sum(count_words(texts, languages))
        tokens += sum(count_tokens(texts, languages))
        seen += len(texts)
    return Volume(
        documents=documents,
        text_bytes=text_bytes,
        characters=characters,
        words=Estimate(total=words, documents=seen),
        tokens=Estimate(total=tokens, documents=seen),
    )


def count_words(texts: Sequence[str], languages: Sequence[str | None]) -> list[int]:
    """Return the words of each text."""
    return [len(tokenizer.tokenize(text, code)) for text, code in zip(texts, languages, strict=True)]


def count_tokens(texts: Sequence[str], _languages: Sequence[str | None]) -> list[int]:
    """Return the WordPiece tokens of each text, without those that mark its ends."""
    found = load_tokenizer().encode_batch(list(texts), add_special_tokens=False)
    return [len(encoding.ids) for encoding in found]


def ratio_estimate(chars: Sequence[int], counts: Sequence[int], documents: int, characters: int) -> Estimate:
    """Return the ratio estimate of a total with its interval (Cochran 1977, Sampling Techniques, section 6.3)."""
    size, sampled = len(chars), sum(chars)
    if size >= documents and sampled >= characters:
        return Estimate(total=sum(counts), documents=size)
    if not sampled:
        return Estimate(total=0, plus_minus=characters, documents=size)
    ratio = sum(counts) / sampled
    if size < 2:
        return Estimate(total=round(ratio * characters), plus_minus=round(ratio * characters), documents=size)
    spread = sum((y - ratio * x) ** 2 for x, y in zip(chars, counts, strict=True)) / (size - 1)
    error = math.sqrt(max(0.0, 1 - sampled / characters) * spread / size) / (sampled / size)
    return Estimate(
        total=round(ratio * characters),
        plus_minus=round(_Z95 * error * characters),
        documents=size,
    )


def _first(sample: pa.Table | None, text_column: str) -> tuple[list[str], list[str | None], list[int]]:
    """Return texts of the sample in its order, as many as are looked at; of each as much as the sample holds."""
    if sample is None:
        return [], [], []
    texts, total = [], 0
    for text in sample[text_column].to_pylist():
        if total >= SAMPLE_CHARS:
            break
        texts.append(text or "")
        total += len(text or "")
    return texts, _languages(sample, len(texts)), [len(text) for text in texts]


def _languages(table: pa.Table, count: int) -> list[str | None]:
    if LANGUAGE_COLUMN not in table.column_names:
        return [None] * count
    return list(table[LANGUAGE_COLUMN].slice(0, count).to_pylist())
