"""Contamination and its ngram_index."""

from __future__ import annotations

import gzip
import io
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from pydantic import ValidationError

from penstock.errors import RecipeError
from penstock.process.quality.contamination import Benchmark, Contamination
from penstock.process.quality.ngram_index import NgramIndex, build, words_of
from penstock.process.worker_files import read_uri
from support.growth import assert_in_proportion

QUESTION = "Which river of Europe flows through ten countries on its way to the Black Sea?"
ANSWER = "It is the Danube."
FIRST = "quiz: which river of europe flows through ten countries on its way to the"
LAST = "quiz: ten countries on its way to the black sea it is the danube"
SHORT = "Name the capital of the country next to Portugal."


def step_of(tmp_path, **params) -> Contamination:
    lines = [{"question": QUESTION, "answers": [ANSWER]}, {"question": SHORT, "answers": None}]
    (tmp_path / "quiz.jsonl").write_text("\n".join(map(json.dumps, lines)))
    quiz = {"name": "quiz", "uri": f"{tmp_path}/quiz.jsonl", "fields": ["question", "answers"]}
    return Contamination(benchmarks=[quiz], **params)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (f"They asked: {QUESTION} Nobody knew.", FIRST),
        (QUESTION.upper().replace(" ", "\n—").replace("?", ""), FIRST),
        ("To the BLACK SEA! It is the Danube, on its way to the Black Sea it is the Danube.", None),
        ("ten countries on its way to the Black Sea? It is the Danube.", LAST),
        (f"quiz night. {SHORT} easy", "quiz: name the capital of the country next to portugal"),
        ("Name the capital of the country next to Spain", None),
        ("", None), (None, None),
    ],
)  # fmt: skip
def test_finds_what_a_benchmark_holds(apply_to, tmp_path, text, detail):
    _, verdict = apply_to(step_of(tmp_path), text)
    assert (verdict and verdict.detail) == detail
    assert verdict is None or (verdict.reason == "contaminated" and verdict.value >= 1)


def test_counts_and_allows_for_some(apply_to, tmp_path):
    assert apply_to(step_of(tmp_path), QUESTION)[1].value == 3
    assert apply_to(step_of(tmp_path, max=3), QUESTION)[1] is None
    document, verdict = apply_to(step_of(tmp_path, annotate="hits"), QUESTION)
    assert (document["hits"], verdict) == (3, None)


@pytest.mark.parametrize("suffix", ["txt", "txt.gz", "parquet", "jsonl.gz"])
def test_reads_each_kind_of_file(tmp_path, suffix):
    content = {"txt": QUESTION.encode(), "jsonl": json.dumps({"text": QUESTION}).encode()}.get(
        suffix.split(".")[0]
    )
    if content is None:
        buffer = io.BytesIO()
        parquet.write_table(pa.table({"text": [QUESTION, None]}), buffer)
        content = buffer.getvalue()
    path = tmp_path / f"quiz.{suffix}"
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    assert QUESTION in list(Benchmark(name="quiz", uri=str(path)).examples(read_uri))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"other": 1}', "KeyError"), ("a.jsonl", b"nonsense", "JSONDecodeError"),
        ("a.parquet", b"nonsense", "name the fields of benchmark quiz"), ("a.txt", b"\xff\xfe", "UnicodeDecodeError"),
        ("a.txt", b"too short", "expected examples of 8 words or more, got none"), ("a.jsonl", b"[1]", "TypeError"),
    ],
)  # fmt: skip
def test_a_file_without_examples_is_an_error_of_the_recipe(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    step = Contamination(benchmarks=[{"name": "quiz", "uri": f"{tmp_path}/{name}"}])
    with pytest.raises(RecipeError, match=message):
        step.prepare(read_uri)


@pytest.mark.parametrize(
    "params", [{"benchmarks": []}, {"benchmarks": [{"name": "a", "uri": "x"}] * 2}, {"n": 5}]
)
def test_wrong_parameters_are_refused(params):
    with pytest.raises(ValidationError):
        Contamination(**{"benchmarks": [{"name": "a", "uri": "x"}], **params})


def test_words_are_compared_without_case_and_signs():
    assert words_of("Don’t — “STOP”! ﬁne_thing 日本語です ２") == [
        "dont", "stop", "fine", "thing", "日", "本", "語", "で", "す", "2",
    ]  # fmt: skip


WORDS = st.lists(st.sampled_from("abcdef"), max_size=30).map(" ".join)


@given(st.lists(WORDS, max_size=5), WORDS, st.integers(2, 5))
def test_finds_exactly_the_common_ngrams(examples, text, n):
    """The executable specification: sets of tuples."""
    index = NgramIndex(build({"a": examples}, n, n))
    words = text.split()
    listed = {tuple(e.split()[i : i + n]) for e in examples for i in range(len(e.split()) - n + 1)}
    common = [i for i in range(len(words) - n + 1) if tuple(words[i : i + n]) in listed]
    hit = index.find(text)
    assert len(index) == len(listed)
    assert (hit.found if hit else 0) == len(common)
    if hit:
        assert hit.ngram == " ".join(words[common[0] : common[0] + n])


def test_equal_benchmarks_are_equal_bytes():
    assert build({"b": [QUESTION], "a": [SHORT]}, 13, 8) == build({"a": [SHORT], "b": [QUESTION]}, 13, 8)


def test_a_long_text_takes_time_in_proportion(apply_to, tmp_path):
    step = step_of(tmp_path)
    apply_to(step, "warm")
    assert_in_proportion(lambda size: apply_to(step, " ".join(f"w{n}" for n in range(size))), 150_000)
