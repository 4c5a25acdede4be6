"""Comments in source files, found in one pass.

Pygments, which the tools use, cannot be bounded: its C lexer takes 160 s for 100,000 slashes (2.21, measured). What a
comment is depends on few signs, so languages are kept by these; a sign inside of a string does not count.
"""

from __future__ import annotations

import functools
import re

_DOUBLE = r'"(?:[^"\\\n]|\\.)*"?'
_SINGLE = r"'(?:[^'\\\n]|\\.)*'?"
_BACKTICK = r"`(?:[^`\\]|\\.)*`?"
_SLASHES, _HASH, _DASHES, _PERCENT, _SEMICOLON = r"//[^\n]*", r"\#[^\n]*", r"--[^\n]*", r"%[^\n]*", r";[^\n]*"
_STARS, _BRACES = r"/\*.*?(?:\*/|\Z)", r"\{-.*?(?:-\}|\Z)"
_MARKUP, _BRACKETS = r"<!--.*?(?:-->|\Z)", r"--\[\[.*?(?:\]\]|\Z)"

_STYLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "c c++ cpp c# csharp java go rust swift kotlin scala dart groovy objective-c objectivec zig solidity cuda verilog "
    "systemverilog d glsl hlsl protobuf": ((_SLASHES, _STARS), (_DOUBLE, _SINGLE)),
    "javascript typescript jsx tsx": ((_SLASHES, _STARS), (_DOUBLE, _SINGLE, _BACKTICK)),
    "css": ((_STARS,), (_DOUBLE, _SINGLE)),
    "php": ((_SLASHES, _STARS, _HASH), (_DOUBLE, _SINGLE)),
    "python ruby perl shell bash sh zsh r yaml toml makefile make dockerfile docker elixir julia powershell awk tcl "
    "nix cmake graphql": ((_HASH,), (_DOUBLE, _SINGLE)),
    "sql": ((_DASHES, _STARS), (_DOUBLE, _SINGLE)),
    "lua": ((_BRACKETS, _DASHES), (_DOUBLE, _SINGLE)),
    "haskell elm purescript": ((_BRACES, _DASHES), (_DOUBLE,)),
    "ada vhdl": ((_DASHES,), (_DOUBLE,)),
    "html xml svg vue markdown": ((_MARKUP,), ()),
    "tex latex matlab octave erlang prolog postscript": ((_PERCENT,), ()),
    "lisp common-lisp emacs-lisp clojure scheme racket assembly asm nasm": ((_SEMICOLON,), (_DOUBLE,)),
}
_BY_LANGUAGE = {name: style for names, style in _STYLES.items() for name in names.split()}


def is_known(language: str) -> bool:
    """Return whether the language's comments are known."""
    return language.lower() in _BY_LANGUAGE


def comment_chars(text: str, language: str) -> int:
    """Return the characters of comments, their signs included."""
    return sum(len(found.group("comment") or "") for found in _scanner(language.lower()).finditer(text))


@functools.cache
def _scanner(language: str) -> re.Pattern[str]:
    comments, strings = _BY_LANGUAGE[language]
    return re.compile("|".join((f"(?P<comment>{'|'.join(comments)})", *strings)), re.DOTALL)
