"""Tokenisers of models that others made: the file ``tokenizer.json`` of Hugging Face's library tokenizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from penstock.errors import RecipeError
from penstock.process.texts import encodable


def read_tokenizer(read: Callable[[str], bytes], uri: str, *, step: str) -> bytes:
    """Return the bytes of a tokeniser; ``read`` is that of `penstock.process.step.Step.prepare`.

    Raises:
        RecipeError: when the file is no tokeniser.
    """
    content = read(uri)
    try:
        tokenizer_of(content)
    except Exception as error:  # the library raises the class Exception itself
        message = f"{step}: expected a tokenizer.json at {uri}, got {error}"
        raise RecipeError(message) from error
    return content


def tokenizer_of(content: bytes) -> Any:
    """Load a tokeniser, which then neither cuts texts off nor fills them up."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(content.decode("utf-8"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def token_ids(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    """Return the tokens of each text, without special ones; half of a surrogate pair is a question mark."""
    valid = list(map(encodable, texts))
    return [found.ids for found in tokenizer.encode_batch_fast(valid, add_special_tokens=False)]
