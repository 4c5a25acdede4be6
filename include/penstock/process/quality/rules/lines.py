"""Rules on lines and paragraphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

from penstock.process.quality.rules.registry import rule
from penstock.process.quality.rules.view import View

_END_MARKS = (".", "?", "!", '"', "'")
_DOLMA_END_MARKS = (".", "?", "!", '"')
_BULLETS = tuple("•‣⁃⁌⁍∙○●◘◦⦾⦿")
_ELLIPSES = ("...", "[...]", "…", "(...)", "[…]", "-»", "read more..", "read more")
# Nine phrases and the three of NeMo Curator's five sentences that contain none of them (utils/constants.py).
_POLICIES = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "privacy overview",
    "use of cookies",
    "use cookies",
    "privacy & cookies policy",
    "privacy and cookies policy",
    "necessary cookies are absolutely essential for the website to function properly. this category only includes "
    "cookies that ensures basic functionalities and security features of the website. these cookies do not store any "
    "personal information.",
    "any cookies that may not be particularly necessary for the website to function and is used specifically to "
    "collect user personal data via analytics, ads, other embedded contents are termed as non-necessary cookies. it is "
    "mandatory to procure user consent prior to running these cookies on your website.",
    "if you continue to browse this site without changing your cookie settings, you agree to this use. acceptread more",
)
MIN_LINE_WORDS = 3


def _share(lines: Collection[str], is_such: Callable[[str], bool]) -> float | None:
    return sum(map(is_such, lines)) / len(lines) if lines else None


@rule("bullet_line_share", "nemo_curator", most=0.9)
def bullet_line_share(view: View, _: int) -> float | None:
    """Lines that begin, after white space, with one of twelve bullet signs, by the lines that are not blank."""
    return _share(view.filled_lines, lambda line: line.lstrip().startswith(_BULLETS))


@rule("bullet_line_share", "dolma", most=0.9)
def bullet_line_share_dolma(view: View, _: int) -> float | None:
    """Lines that begin with ``*`` or ``-``, by all lines (line feeds in a row are one)."""
    return _share(view.blocks, lambda line: line.startswith(("*", "-")))


@rule("ellipsis_line_share", "nemo_curator", most=0.3)
def ellipsis_line_share(view: View, _: int) -> float | None:
    """Lines that end with an ellipsis in one of seven spellings or ``read more``, by the lines that are not blank."""
    return _share(view.filled_lines, lambda line: line.strip().lower().endswith(_ELLIPSES))


@rule("ellipsis_line_share", "dolma", most=0.3)
def ellipsis_line_share_dolma(view: View, _: int) -> float | None:
    """Lines that end with ``…``, by all lines (line feeds in a row are one)."""
    return _share(view.blocks, lambda line: line.endswith("…"))


@rule("unpunctuated_line_share", "nemo_curator", most=0.85)
def unpunctuated_line_share(view: View, _: int) -> float | None:
    """Lines that do not end with one of ``.?!"'``, by the lines that are not blank."""
    return _share(view.filled_lines, lambda line: not line.rstrip().endswith(_END_MARKS))


@rule("unpunctuated_line_share", "dolma")
def unpunctuated_line_share_dolma(view: View, _: int) -> float | None:
    """Lines that do not end with one of ``.?!"``, by all lines, blank ones too (c4_v2; no bound published)."""
    return _share(view.text.split("\n"), lambda line: not line.strip().endswith(_DOLMA_END_MARKS))


@rule("short_line_share", "dolma")
def short_line_share(view: View, _: int) -> float | None:
    """Lines of fewer than three words, by all lines (c4_v2; no bound published)."""
    return _share(
        view.text.split("\n"), lambda line: len(line.split(maxsplit=MIN_LINE_WORDS)) < MIN_LINE_WORDS
    )


@rule("line_count", "nemo_curator")
@rule("line_count", "dolma")
def line_count(view: View, _: int) -> float:
    """Lines: line feeds and one (for code NeMo Curator keeps 10 to 20,000)."""
    return view.text.count("\n") + 1


@rule("mean_line_length", "data_juicer", least=10)
def mean_line_length(view: View, _: int) -> float:
    """Characters, line breaks too, by lines (str.splitlines); 0 for an empty text."""
    lines = len(view.text.splitlines())
    return len(view.text) / lines if lines else 0.0


@rule("longest_line", "data_juicer", least=10)
def longest_line(view: View, _: int) -> float:
    """Characters of the longest line (str.splitlines); 0 for an empty text."""
    return max(map(len, view.text.splitlines()), default=0)


@rule("mean_line_length", "starcoder", most=100)
def mean_line_length_of_code(view: View, _: int) -> float:
    """Characters without line breaks, by lines (str.splitlines); 0 for an empty text."""
    lengths = [len(line) for line in view.text.splitlines()]
    return sum(lengths) / len(lengths) if lengths else 0.0


@rule("longest_line", "starcoder", most=1000)
def longest_line_of_code(view: View, n: int) -> float:
    """Characters of the longest line (str.splitlines); 0 for an empty text."""
    return longest_line(view, n)


@rule("unique_line_share", "nemo_curator", least=0.7)
def unique_line_share(view: View, _: int) -> float | None:
    """Different lines, by lines that are not blank."""
    lines = view.filled_lines
    return len(set(lines)) / len(lines) if lines else None


@rule("unique_line_char_share", "nemo_curator", least=0.8)
def unique_line_char_share(view: View, _: int) -> float | None:
    """Characters of the different lines, by those of all lines that are not blank."""
    return _char_share(set(view.filled_lines), view.filled_lines)


@rule("unique_paragraph_share", "nemo_curator", least=0.7)
def unique_paragraph_share(view: View, _: int) -> float:
    """Different paragraphs, by paragraphs (between two line feeds in a row)."""
    return len(set(view.paragraphs)) / len(view.paragraphs)


@rule("unique_paragraph_char_share", "nemo_curator", least=0.8)
def unique_paragraph_char_share(view: View, _: int) -> float | None:
    """Characters of the different paragraphs, by those of all paragraphs."""
    return _char_share(set(view.paragraphs), view.paragraphs)


def _char_share(part: Collection[str], whole: Collection[str]) -> float | None:
    total = sum(map(len, whole))
    return sum(map(len, part)) / total if total else None


@rule("duplicate_line_share", "dolma", most=0.3)
def duplicate_line_share(view: View, _: int) -> float:
    """Lines that occur more than once, each time counted, by all lines (line feeds in a row are one)."""
    counts = Counter(view.blocks)
    return sum(count for count in counts.values() if count > 1) / len(view.blocks)


@rule("duplicate_line_char_share", "dolma", most=0.3)
def duplicate_line_char_share(view: View, _: int) -> float:
    """Characters of lines that occur more than once, each time counted, by the characters in words."""
    counts = Counter(view.blocks)
    return sum(len(line) * count for line, count in counts.items() if count > 1) / max(view.word_chars, 1)


@rule("boilerplate_share", "nemo_curator", most=0.4)
def boilerplate_share(view: View, _: int) -> float:
    """Paragraphs with a phrase of cookie and privacy notices, by all; 1 when ``lorem ipsum`` is in the text."""
    if "lorem ipsum" in view.lower:
        return 1.0
    found = sum(any(policy in paragraph for policy in _POLICIES) for paragraph in view.lower.split("\n\n"))
    return found / len(view.paragraphs)
