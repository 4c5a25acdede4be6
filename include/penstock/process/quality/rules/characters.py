"""Rules on characters: shares of a text, and what must not be in it."""

from __future__ import annotations

import re
import string

from penstock.process.quality.rules.registry import rule
from penstock.process.quality.rules.special import SPECIAL
from penstock.process.quality.rules.view import View

_PLAIN = (string.ascii_letters + string.digits + "\n?!,.").encode()
_BLANKS = b"\t\n\r\b "
_ASCII_PARENTHESES = b"{}[]()"
_DIGITS = string.digits.encode()
_ALPHANUMERIC = re.compile(r"[^\W_]+")
_URL = re.compile(r"https?://(?:[A-Za-z0-9$\-_@.&+/:=?#~!*(),]|%[0-9A-Fa-f]{2})+")
XML_PREFIX_CHARS = 100


@rule("non_alphanumeric_share", "nemo_curator", most=0.25)
def non_plain_share(view: View, _: int) -> float:
    """Characters but for ASCII letters, digits, line feeds and ``?!,.``, by all; 1 for an empty text."""
    size = len(view.text)
    return (size - view.count_ascii(_PLAIN)) / size if size else 1.0


@rule("alphanumeric_share", "data_juicer", least=0.25)
def alphanumeric_share(view: View, _: int) -> float:
    """Letters and digits of any script (str.isalnum), by all characters; 0 for an empty text."""
    return view.count(_ALPHANUMERIC) / len(view.text) if view.text else 0.0


@rule("letter_share", "starcoder", least=0.25)
def letter_share(view: View, _: int) -> float:
    """Letters of any script (str.isalpha), by all characters; 0 for an empty text."""
    if not view.text:
        return 0.0
    letters = view.count_ascii(string.ascii_letters.encode())
    if not view.text.isascii():
        letters += sum(char.isalpha() for char in view.text if char > "\x7f")
    return letters / len(view.text)


@rule("digit_share", "nemo_curator", most=0.15)
def digit_share(view: View, _: int) -> float:
    """Digits 0 to 9, by all characters; 1 for an empty text."""
    return view.count_ascii(_DIGITS) / len(view.text) if view.text else 1.0


@rule("url_share", "nemo_curator", most=0.2)
def url_share(view: View, _: int) -> float:
    """Characters in http and https addresses, by all; 1 for an empty text."""
    return sum(map(len, _URL.findall(view.text))) / len(view.text) if view.text else 1.0


@rule("adult_urls", "nemo_curator", most=0)
def adult_urls(view: View, _: int) -> float:
    """1 when an http or https address in the text contains ``porn``, else 0."""
    return float("porn" in view.text and any("porn" in url for url in _URL.findall(view.text)))


@rule("white_space_share", "nemo_curator", most=0.25)
def white_space_share(view: View, _: int) -> float:
    """Blanks, tabs, line feeds, carriage returns and backspaces, by all characters; 1 for an empty text."""
    return view.count_ascii(_BLANKS) / len(view.text) if view.text else 1.0


@rule("parenthesis_share", "nemo_curator", most=0.1)
def parenthesis_share(view: View, _: int) -> float:
    """Characters ``()[]{}⟨⟩``, by all; 1 for an empty text."""
    if not view.text:
        return 1.0
    angles = view.text.count("⟨") + view.text.count("⟩")
    return (view.count_ascii(_ASCII_PARENTHESES) + angles) / len(view.text)


@rule("special_character_share", "data_juicer", most=0.25)
def special_character_share(view: View, _: int) -> float:
    """ASCII punctuation, digits and white space, emoji and some 250 signs, by all characters; 0 for an empty text."""
    return view.count(SPECIAL) / len(view.text) if view.text else 0.0


@rule("text_length", "data_juicer", least=10)
def text_length(view: View, _: int) -> float:
    """Characters."""
    return len(view.text)


@rule("curly_bracket", "dolma", most=0)
def curly_bracket(view: View, _: int) -> float:
    """1 when there is a ``{``, else 0 (c4_v2; the rule is C4's)."""
    return float("{" in view.text)


@rule("lorem_ipsum", "dolma", most=0)
def lorem_ipsum(view: View, _: int) -> float:
    """1 when ``lorem ipsum`` is in the text in any case, else 0 (c4_v2; the rule is C4's)."""
    return float("lorem ipsum" in view.lower)


@rule("javascript", "dolma", most=0)
def javascript(view: View, _: int) -> float:
    """1 when ``javascript`` is in the text in any case, else 0 (c4_v2; C4 itself removes the line only)."""
    return float("javascript" in view.lower)


@rule("xml_header", "starcoder", most=0)
def xml_header(view: View, _: int) -> float:
    """1 when ``<?xml version=`` is in the first 100 characters, else 0."""
    return float("<?xml version=" in view.text[:XML_PREFIX_CHARS])
