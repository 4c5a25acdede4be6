from __future__ import annotations

import pytest

from penstock.process.quality.python_syntax import PythonSyntax


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\n", None),
        ("", None),
        (None, None),
        ("print 'Python 2'", "python_syntax"),
        ("\x00", "python_syntax"),
    ],
)
def test_drops_what_does_not_parse(apply_to, text, reason):
    verdict = apply_to(PythonSyntax(), text)[1]
    assert (verdict and verdict.reason) == reason


def test_only_python_is_parsed_where_a_column_names_the_language(apply_to):
    step = PythonSyntax(language_column="name")
    assert apply_to(step, "int x;", name="C")[1] is None
    assert apply_to(step, "int x;", name=None)[1] is None
    assert apply_to(step, "int x;", name="Python")[1].reason == "python_syntax"


def test_a_huge_source_stays(apply_to):
    assert apply_to(PythonSyntax(max_chars=3), "int x;")[1] is None
