"""Every document step on every kind of text: no exception, bounded time, the row goes out once."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.params import members
from penstock.process.section import STEP_GROUP, STEP_PACKAGE
from penstock.process.step import Context, Document, DocumentStep, Drop, NativeStep, Step
from support.step_examples import EXAMPLES, put_files

CONTEXT = Context(dataset="notes", run_key="2026-11-16")
SLOW_OR_OTHER = {"bert", "perplexity", "sentiment"}
"""bert costs a second a megabyte and has its own tests, perplexity needs a package, sentiment reads no text."""

STEPS = {
    kind: cls(**EXAMPLES.get(kind, {}))
    for kind, cls in members(Step, package=STEP_PACKAGE, group=STEP_GROUP).items()
    if issubclass(cls, DocumentStep)
    and cls.__module__.startswith(("penstock.process.clean", "penstock.process.quality"))
}
SIGNS = list("\0\n\r\t .,;:!?'\"`/\\<>|-=+#*&@(){}[]%$_…•“”—\u00ad\u200b\u200d\ufeff\ud83d\ude00漢の")
PIECES = [
    "<table",
    "</table>",
    "{|",
    "|}",
    "|---|",
    "/*",
    "*/",
    "<!--",
    "copyright",
    "http://a.b/",
    "a@b.cc",
    "the tea",
]
ODD = st.lists(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from(SIGNS), st.sampled_from(PIECES)),
    max_size=60,
).map("".join)
UNITS = [
    *(
        "a",
        " ",
        "\n",
        "\0",
        "a ",
        "a\n",
        "/*",
        "//\n",
        "<",
        "<table",
        "<table></table",
        "{|\n",
        "|\n",
        "|---|\n",
    ),
    *(
        "-\n",
        "'",
        "#",
        "=\n",
        "== ==\n",
        "a@",
        "http://",
        "www.",
        "é",
        "漢",
        "\U0001f600",
        "\ud800",
        "((",
        "\t|\t\n",
    ),
    *("•\n", "a-\n", "&", "\u200b", "<!--", "copyright\n", "x|", "\\", "[", "{", "a,b;"),
]
LIMIT_S = 20.0
"""CPU seconds for a megabyte: jieba takes 7 for Han characters; what grows with the square takes minutes."""


@pytest.fixture(scope="module", autouse=True)
def files() -> None:
    put_files()


def judged(step: DocumentStep, *texts: str | None) -> list[Drop | Exception | None]:
    columns = dict.fromkeys((*step.reads(), *step.adds(), "lang"))
    if isinstance(step, NativeStep):  # it reads UTF-8: half of a pair is in no Arrow column
        texts = tuple(t if t is None else t.encode("utf-8", "replace").decode() for t in texts)
    return list(step.apply_batch([Document({**columns, "text": text}) for text in texts], CONTEXT))


def test_nothing_is_left_out():
    assert len(STEPS) > 25


@pytest.mark.parametrize("kind", sorted(set(STEPS) - SLOW_OR_OTHER))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=ODD)
def test_any_text_has_a_verdict(kind, text):
    (verdict,) = judged(STEPS[kind], text)
    assert verdict is None or isinstance(verdict, Drop)


@pytest.mark.parametrize("kind", sorted(set(STEPS) - SLOW_OR_OTHER))
def test_null_empty_and_blank_texts_have_a_verdict(kind):
    for verdict in judged(STEPS[kind], None, "", " ", "\n\n", "\0", "\ud800"):
        assert verdict is None or isinstance(verdict, Drop)


@pytest.mark.parametrize("kind", sorted(set(STEPS) - SLOW_OR_OTHER))
def test_a_megabyte_of_anything_takes_bounded_time(kind):
    slow = {}
    for unit in UNITS:
        started = time.process_time()
        (verdict,) = judged(STEPS[kind], unit * (1_000_000 // len(unit)))
        assert verdict is None or isinstance(verdict, Drop)
        if (seconds := time.process_time() - started) > LIMIT_S:
            slow[unit] = round(seconds, 1)
    assert slow == {}
