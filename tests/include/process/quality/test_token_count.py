from __future__ import annotations

import json

import pytest

from penstock.errors import RecipeError
from penstock.process.quality.token_count import TokenCount
from penstock.process.worker_files import prepare, read_uri
from support.step_examples import TOKENIZER


@pytest.fixture
def path(tmp_path) -> str:
    (tmp_path / "tokenizer.json").write_text(json.dumps(TOKENIZER))
    return f"{tmp_path}/tokenizer.json"


def test_counts_the_tokens(apply_to, path):
    for text, count in (("the tea, the", 4), ("", 0), (None, 0), ("\ud800 a", 2)):
        document, verdict = apply_to(TokenCount(tokenizer=path), text)
        assert (document["token_count"], verdict) == (count, None)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"min_tokens": 3}, "too_few_tokens"), ({"max_tokens": 1}, "too_many_tokens"),
        ({"min_chars_per_token": 4}, "low_fertility"), ({"min_tokens": 2, "max_tokens": 2}, None),
        ({"min_chars_per_token": 3.5}, None),
    ],
)  # fmt: skip
def test_bounds_drop(apply_to, path, params, reason):
    verdict = apply_to(TokenCount(tokenizer=path, **params), "the tea")[1]
    assert (verdict and verdict.reason) == reason


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path):
    (tmp_path / "t.json").write_text("{}")
    with pytest.raises(RecipeError, match=r"expected a tokenizer\.json"):
        prepare([TokenCount(tokenizer=f"{tmp_path}/t.json")], read_uri)
