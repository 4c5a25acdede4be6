from __future__ import annotations

import pytest

from penstock.process.quality.comments import comment_chars, is_known
from support.growth import assert_in_proportion

SOURCES = {
    "c": 'int x = 1; // hi "there"\n/* a\n b */ char *s = "// no \\" /* no */"; char c = \'"\'; // yes\n',
    "javascript": 'let a = `// no ${b}`; // yes\nvar r = "x"; /* c */',
    "java": '/** doc */ class A { String s = "//"; } // end',
    "sql": "select '-- no' from a -- yes\n/* c */",
    "ruby": 'puts "# no" # yes\n',
    "lua": '--[[ long\ncomment ]] x = "-- no" -- yes\n',
    "haskell": '{- a -} x = "-- no" -- yes\n',
    "html": "<p><!-- c -->text</p>",
    "php": "<?php # a\n// b\n/* c */ $x = '# no'; ?>",
    "css": "a { content: '/* no */' } /* yes */",
    "perl": "print '# no'; # yes\n",
    "go": 'x := "//" // y\n',
}


@pytest.mark.parametrize("language", sorted(SOURCES))
def test_finds_what_pygments_finds(language):
    from pygments.lexers import get_lexer_by_name
    from pygments.token import Comment

    tokens = get_lexer_by_name(language).get_tokens(SOURCES[language])
    assert comment_chars(SOURCES[language], language) == sum(
        len(value.rstrip("\n")) for kind, value in tokens if kind in Comment and kind is not Comment.Preproc
    )


@pytest.mark.parametrize("language", ["c", "php", "lua", "haskell", "html", "javascript", "tex", "lisp"])
@pytest.mark.parametrize("unit", ["/*", "/", "<!--", "'", '"', "`", "\\", "--[[", "{-", "'a\n", " "])
def test_takes_time_in_proportion(language, unit):
    assert_in_proportion(lambda size: comment_chars(unit * (size // len(unit)), language), 1_000_000)


def test_knows_languages_in_any_case():
    assert is_known("Python")
    assert is_known("C++")
    assert not is_known("klingon")
