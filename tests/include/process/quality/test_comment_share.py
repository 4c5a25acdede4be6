from __future__ import annotations

import pytest
from pydantic import ValidationError

from penstock.process.quality.comment_share import CommentShare, parse_python

PYTHON = '"""Doc."""\n# note\n\n\ndef f():\n    """Say."""\n    return "# no"  # end\n'


def test_counts_docstrings_and_comments_of_python(apply_to):
    document, _ = apply_to(CommentShare(language="python", annotate="share"), PYTHON)
    # 19 characters by get_nl_ratio of dolma 1.2.1 (StarCoder's text_extraction.py)
    assert document["share"] == pytest.approx(19 / len(PYTHON))


def test_drops_outside_of_the_published_limits(apply_to):
    step = CommentShare(language="c")
    assert apply_to(step, "int main() { return 0; }")[1] == ("comment_share", 0.0, "less than 0.01")
    assert apply_to(step, "/* only this */")[1] == ("comment_share", 1.0, "more than 0.8")
    assert apply_to(step, "int x; // a note")[1] is None
    assert apply_to(step, None)[1] is None


def test_the_language_may_be_a_column(apply_to):
    step = CommentShare(language_column="lang_name")
    assert apply_to(step, "x = 1", lang_name="Ruby")[1].value == 0
    for unknown in ("klingon", None, ""):
        assert apply_to(step, "x = 1", lang_name=unknown)[1] is None


def test_a_faulty_python_source_has_the_comments_up_to_the_fault(apply_to):
    document, _ = apply_to(CommentShare(language="python", annotate="share"), "# note\nx = (\n")
    assert document["share"] == pytest.approx(4 / 13)


@pytest.mark.parametrize("params", [{}, {"language": "c", "language_column": "a"}, {"language": "klingon"}])
def test_a_language_is_needed_and_known(params):
    with pytest.raises(ValidationError, match="expected"):
        CommentShare(**params)


@pytest.mark.parametrize(
    "source", ["(" * 100_000, "-" * 100_000 + "1", "a\x00b", "\ud800", "not " * 100_000, "print 1"]
)
def test_what_does_not_parse_has_no_tree(source):
    assert parse_python(source) is None
