"""Parameters of the steps that do not work without some, for tests that try every step."""

from __future__ import annotations

import json
from typing import Any

from support.fasttext_model import model_of

TOKENIZER = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "the": 1, "tea": 2}, "unk_token": "[UNK]"},
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "bad_words": {"lists": {"*": ["rude", "very rude"]}},
    "character_histogram": {"characters": list("abcdefghijklmnopqrstuvwxyz")},
    "column_filter": {"column": "lang", "one_of": ["en"]},
    "comment_share": {"language": "c"},
    "contamination": {"benchmarks": [{"name": "quiz", "uri": "memory://quiz.txt"}], "n": 3, "min_n": 2},
    "contains": {"substring": "tea"},
    "fasttext_classifier": {"model": "memory://quality.bin", "keep_labels": {"good": 0.5}},
    "long_words": {"max_chars": 100},
    "navigation_lines": {"min_parts": 3, "min_run": 5},
    "perplexity": {"model": "/nowhere/model.arpa"},
    "regular_expression": {"pattern": "(a|aa)+$"},
    "replace_pattern": {"preset": "urls"},
    "sample": {"share": 0.5},
    "stop_words": {"lists": {"en": ["the", "and"]}},
    "suffix": {"keep": [".txt"]},
    "token_count": {"tokenizer": "memory://tokenizer.json"},
    "unigram_log_prob": {"frequencies": ["the,900", "tea,100"]},
    "url_filter": {"domains": ["bad.example"], "subwords": ["rude"]},
}


def put_files() -> None:
    """Put the files that the examples name into fsspec's memory."""
    import fsspec

    with fsspec.open("memory://tokenizer.json", "wb") as stream:
        stream.write(json.dumps(TOKENIZER).encode())
    with fsspec.open("memory://quality.bin", "wb") as stream:
        stream.write(model_of({"tea": "__label__good", "copyright": "__label__bad"}))
    with fsspec.open("memory://quiz.txt", "wb") as stream:
        stream.write(b"who wrote the letter\n")
