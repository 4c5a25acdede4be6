from __future__ import annotations

import json

import pytest

from penstock.errors import RecipeError
from penstock.process.tokenizer_file import read_tokenizer, token_ids, tokenizer_of
from support.step_examples import TOKENIZER

CONTENT = json.dumps(TOKENIZER).encode()


def test_texts_are_neither_cut_off_nor_filled_up():
    limits = {"truncation": {"max_length": 1, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}}
    tokenizer = tokenizer_of(json.dumps(TOKENIZER | limits).encode())
    assert token_ids(tokenizer, ["the tea", "", "\ud800"]) == [[1, 2], [], [0]]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", CONTENT[:-1]])
def test_another_file_is_refused(content):
    with pytest.raises(RecipeError, match=r"count: expected a tokenizer\.json at t\.json, got "):
        read_tokenizer(lambda _: content, "t.json", step="count")
    assert read_tokenizer(lambda _: CONTENT, "t.json", step="count") == CONTENT
